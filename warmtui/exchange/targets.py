"""The registry of export targets. A new target is one module here and one entry in `TARGETS`."""

from __future__ import annotations

from warmtui.exchange import hermes_prefill, hermes_session, openai_json
from warmtui.exchange.base import Target

TARGETS: dict[str, Target] = {
    target.name: target for target in (hermes_prefill.TARGET, hermes_session.TARGET, openai_json.TARGET)
}
"""Every target by name, in the order in which the app offers them."""
