"""A changed record, made without the detour of `dataclasses.replace`."""

import dataclasses
from typing import Any

import pytest

from casework.record import replace
from casework.records import Escalation
from tests.casework.model_faults import begun


def opened() -> Escalation:
    _, state = next(begun("now"))
    return state.e


def test_a_changed_record_is_what_the_standard_library_makes_of_it() -> None:
    e = opened()
    changed = replace(e, rung=2, told=())
    assert changed == dataclasses.replace(e, rung=2, told=())
    assert (type(changed), hash(e.told[0])) == (Escalation, hash(replace(e.told[0], rung=0)))
    assert (e, changed.__dict__ is e.__dict__) == (opened(), False)


def test_a_field_that_a_record_does_not_have_is_an_error() -> None:
    unknown: dict[str, Any] = {"rnug": 2}
    with pytest.raises(TypeError, match="Escalation has no field rnug"):
        replace(opened(), **unknown)
