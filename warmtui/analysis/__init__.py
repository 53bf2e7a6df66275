"""What a session shows. Pure functions: same input, same output, no I/O."""
