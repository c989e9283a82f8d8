"""The forms in force, ready to be filled in, by the name of their file."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from casework.policy import Policy
from xlsform import Form, FormError, load

VISIT, REPORT, PHONE = "visit", "report", "phone"
ACTIVITY, PLACE, REGISTER, CHANGE = "activity", "place", "register", "child_change"


class Compiled(Protocol):
    """A published form: the XForm's text and the files that go with it."""

    @property
    def xform(self) -> str: ...

    @property
    def media(self) -> Mapping[str, bytes]: ...


class ShelfError(ValueError):
    """Forms that the engine refuses; ``faults`` name each of them."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class FormShelf:
    """``visit``, ``report`` and the policy's check-in form are opened by the commands; others join them.

    ``media``: by form, the files that its labels show.
    """

    forms: Mapping[str, Form]
    media: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)

    def get(self, name: str) -> Form | None:
        """The form called ``name``, None where there is none."""
        return self.forms.get(name)

    def for_visit(self, purpose: str) -> str:
        """The name of the form for a visit of ``purpose``: its own where there is one, else ``visit``."""
        return PHONE if purpose == "phone" and PHONE in self.forms else VISIT

    def joined(self, policy: Policy) -> tuple[str, ...]:
        """The forms that neither a command nor a matter's step opens, and that is no guardian's."""
        steps = {step.form for rule in policy.matters.sorts.values() for step in rule.steps.values()}
        return tuple(
            sorted(
                set(self.forms)
                - {VISIT, REPORT, PHONE, ACTIVITY, PLACE, REGISTER, CHANGE, policy.checkins.form}
                - steps
            )
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.forms)


def lacking(policy: Policy, forms: Collection[str]) -> tuple[str, ...]:
    """Forms that the policy names and that are not there: a line each, the policy's key first."""
    named = {"checkins.form": policy.checkins.form}
    for sort, rule in policy.matters.sorts.items():
        named |= {f"matters.sorts.{sort}.steps.{key}.form": step.form for key, step in rule.steps.items()}
    return tuple(
        f"{key}: 没有这张表 / no such form: {name}"
        for key, name in named.items()
        if name and name not in forms
    )


def load_shelf(compiled: Mapping[str, Compiled]) -> FormShelf:
    """Reads published forms. `ShelfError` names every one that can't be used."""
    forms: dict[str, Form] = {}
    faults: list[str] = []
    for name, source in compiled.items():
        try:
            forms[name] = load(source.xform, media=source.media)
        except FormError as error:
            faults.append(f"{name}: {error}")
    if faults:
        raise ShelfError(tuple(faults))
    return FormShelf(forms=forms, media={name: source.media for name, source in compiled.items()})
