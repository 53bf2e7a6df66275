"""The exact messages of a draft, saving and export."""
