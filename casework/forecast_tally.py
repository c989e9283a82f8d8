"""What a forecast counts: for each person and township what somebody would get, and on which day how much."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from casework.outcome import Event, Notice

MEASURES = ("visits", "reminded", "asked", "gone_up", "alerts", "checkins", "matters", "messages")
_STEPS = {"visit_overdue": "asked", "visit_missed": "gone_up"}
_NOTICES = {
    "escalation_told": "alerts",
    "checkin_asked": "checkins",
    "matters": "matters",
    "referrals": "matters",
    "referral_sent": "matters",
}


@dataclass(kw_only=True)
class Tally:
    """How often what would happen.

    ``counts``: by person (code, "" = nobody holds the post) and the child's township, how many of each of
    `MEASURES`: visits that fall due, visits reminded of, reasons asked for, visits that go up, alerts told
    (repeats count), prompts to carers,
    reminders of matters, and all messages together. ``by_day``: messages by person and day of
    the county.
    """

    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_day: dict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))

    def due(self, person: str, township: str) -> None:
        """A visit falls due."""
        self.counts[person, township]["visits"] += 1

    def happened(self, event: Event, person: str, township: str) -> None:
        """A step of one of ``person``'s visits."""
        step = _STEPS.get(event.name)
        if event.name == "visit_reminded":
            step = "asked" if event.detail["step"].startswith("overdue") else "reminded"
        if step is not None:
            self.counts[person, township][step] += 1

    def sent(self, notice: Notice, day: date, township: str, *, alone: bool) -> None:
        """What would be read on ``day``: a message by itself, or a part of one that counts already."""
        if notice.to is None:
            return
        counts = self.counts[notice.to, township]
        if alone:
            counts["messages"] += 1
            self.by_day[notice.to][day] += 1
        measure = _NOTICES.get(notice.kind)
        if measure is not None:
            counts[measure] += 1
