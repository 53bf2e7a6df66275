"""The records everything speaks of: sessions, outcomes, profiles, templates. No I/O."""
