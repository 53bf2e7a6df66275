from __future__ import annotations

import pytest
from seeds import draft

from warmtui.curation.editing import DraftState, from_draft


@pytest.fixture
def shop() -> DraftState:
    """The full seed of `seeds.py`: recoveries r1 and r2, examples e1 and e2, markers m1 and m2,
    preferences n1 and n3, convention n2, dead end n4 and known noise n5."""
    return from_draft(draft())
