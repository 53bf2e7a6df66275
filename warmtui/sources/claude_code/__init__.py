"""Claude Code: one JSON lines file a session, below `~/.claude/projects`."""
