"""One session, message by message and call by call."""
