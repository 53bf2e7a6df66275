"""What warmtui writes into an agent's home when asked, and how it starts an agent."""
