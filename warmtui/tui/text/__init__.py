"""Long text: laid out in lines, searched, coloured."""
