"""Where sessions come from: one module per agent format, opened read-only."""
