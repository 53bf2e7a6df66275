"""Export formats: a module for each target, and the checks of what providers refuse. Pure."""
