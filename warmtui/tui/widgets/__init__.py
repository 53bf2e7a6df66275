"""Widgets and drawing that several features use."""
