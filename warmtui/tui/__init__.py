"""The app: screens, widgets and keys. It talks to the workspace only."""
