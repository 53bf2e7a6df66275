"""Tables and parsers that find secrets."""
