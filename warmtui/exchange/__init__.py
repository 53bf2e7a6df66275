"""What leaves and comes in: one module per target format, pure."""
