"""The virtualised list: any number of rows, drawn when they come into sight."""
