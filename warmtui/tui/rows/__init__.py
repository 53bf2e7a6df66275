"""What lists show, row by row: sessions, timelines, candidates, templates."""
