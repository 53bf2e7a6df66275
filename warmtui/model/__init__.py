"""The records that all packages share: sessions, outcomes, profiles, templates. No I/O."""
