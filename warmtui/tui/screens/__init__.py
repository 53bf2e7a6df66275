"""The screens: each puts widgets and rows together and talks to the workspace."""
