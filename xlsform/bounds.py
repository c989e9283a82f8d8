"""How long calculated texts, and how many the instances of a repeat, may become in one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsform.nodes import Node

if TYPE_CHECKING:
    from xlsform.engine import Engine

MAX_VALUE = 50_000
"""Characters that a calculated value may have."""

MAX_TEXTS = 1_000_000
"""Characters that all values together may have when a long one is calculated."""

_SHORT = 500
"""Characters of a value that is taken without a look at the others."""


def bounded_text(engine: Engine, text: str, node: Node) -> str:
    """The text, or "" and a fault for one that is too long to keep."""
    if len(text) <= _SHORT:
        return text
    root = engine.tree.root
    engine.pay(len(text) // 32 + root.size() // 8)
    if len(text) > MAX_VALUE:
        engine.fault(engine.tree.ref_of(node), f"the calculated text is longer than {MAX_VALUE} characters")
        return ""
    if sum(len(other.value) for other in root.walk()) + len(text) > MAX_TEXTS:
        engine.fault(engine.tree.ref_of(node), f"all texts together are longer than {MAX_TEXTS} characters")
        return ""
    return text


def bounded_count(engine: Engine, wanted: float, path: str) -> int:
    """The number of instances that a count may ask for."""
    limit = engine.context.max_instances
    if wanted > limit:
        engine.fault(path, f"the repeat asks for {wanted:.0f} instances; {limit} is the most")
    return int(max(0, min(wanted, limit)))
