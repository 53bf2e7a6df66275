"""The panes beside the lists: a session's profile, an item's editor."""
