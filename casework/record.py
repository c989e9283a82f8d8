"""The common part of all that is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar


@dataclass(frozen=True, kw_only=True)
class Record:
    """Common part of all kept records. ``child`` is the code of the child it is about, if any."""

    kind: ClassVar[str]
    id: str
    version: int = 0
    wake_at: datetime | None = None
    child: str | None = None
    person: str | None = None  # whose it is: the worker of a visit, the owner of a draft, …
    status: str = "active"


R = TypeVar("R", bound=Record)

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(of: Any, /, **changes: Any) -> Any:
        """What `dataclasses.replace` gives, for a record and the plain values in it, far sooner.

        Every decision changes records several times; a forecast and a year are millions of decisions.
        """
        fields = of.__dict__ | changes
        if len(fields) != len(of.__dict__):
            unknown = sorted(changes.keys() - of.__dict__.keys())
            raise TypeError(f"{of.__class__.__name__} has no field {', '.join(unknown)}")
        same = object.__new__(of.__class__)
        object.__setattr__(same, "__dict__", fields)  # records are frozen
        return same


def at_version(record: R, version: int) -> R:
    """The record as it stands at ``version``."""
    return record if record.version == version else replace(record, version=version)
