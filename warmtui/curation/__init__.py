"""What becomes a template: candidates, selection, bootstrap, checks, masking. Pure functions."""
