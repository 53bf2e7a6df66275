"""Codex CLI: the rollout files of its sessions."""
