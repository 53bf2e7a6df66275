"""Hermes Agent: its home, its prefill, and starting it."""
