"""What screens are built of: lists of any length, columns, bars, long text."""
