"""The commands: one thin module per group, text or JSON."""
