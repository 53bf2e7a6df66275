"""Chats in the OpenAI shape, as JSON and JSON lines."""
