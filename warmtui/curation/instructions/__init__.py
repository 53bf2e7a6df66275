"""Telling which text of a session reads like an instruction to an agent."""

from warmtui.curation.instructions.engine import instruction_flags
from warmtui.curation.instructions.records import InstructionFlag

__all__ = ["InstructionFlag", "instruction_flags"]
