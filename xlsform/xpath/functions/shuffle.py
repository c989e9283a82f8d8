"""The order that randomize() gives: the same for the same seed on every engine."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

from xlsform.nodes import Node
from xlsform.xpath.values import Value, text_number, to_text

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env

MODULUS = 2147483647
_FACTOR = 16807


def shuffled(nodes: list[Node], env: Env, seed: Value | None) -> list[Node]:
    """Fisher and Yates' shuffle over the Park-Miller generator, as the specification asks."""
    state = _first_state(env, seed)
    result = list(nodes)
    for i in range(len(result) - 1, 0, -1):
        state = state * _FACTOR % MODULUS
        j = math.floor((state - 1) / (MODULUS - 1) * (i + 1))
        result[i], result[j] = result[j], result[i]
    return result


def _first_state(env: Env, seed: Value | None) -> int:
    if seed is None:
        return env.seed
    number = env.number(seed)
    if math.isnan(number):
        number = text_number(to_text(seed))
    if not math.isfinite(number):
        return _from_text(to_text(seed))
    state = int(math.fmod(int(number), MODULUS))
    return state + MODULUS - 1 if state <= 0 else state


def _from_text(text: str) -> int:
    """A seed from text: the first eight bytes of its SHA-256 as a signed number, as JavaRosa takes it."""
    if not text:
        return 42
    whole = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
    state = (
        int(math.fmod(whole, MODULUS))
        if abs(whole) < 2**53
        else abs(whole) % MODULUS * (1 if whole > 0 else -1)
    )
    return state + MODULUS - 1 if state <= 0 else state
