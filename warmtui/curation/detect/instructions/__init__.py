"""Tables of what reads like an instruction to an agent."""
