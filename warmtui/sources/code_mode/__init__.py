"""Codex' code mode, in rollouts and in chats: scripts that call the tools, and what came back."""
