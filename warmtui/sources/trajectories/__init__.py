"""Trajectories of agents that act in prose: SWE-agent, mini-swe-agent, and chats with marked observations."""
