"""The list of sessions, the profile beside it, and the first-run screen."""
