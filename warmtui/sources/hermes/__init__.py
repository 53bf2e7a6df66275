"""Hermes Agent's sessions: its live database, and files of `hermes sessions export`."""
