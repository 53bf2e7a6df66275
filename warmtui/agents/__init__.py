"""What is written into an agent's home when asked by name, and how an agent is started."""
