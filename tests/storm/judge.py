"""The verdict on a storm: what the people's model, the server's record and the database say together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.auditor import last_report
from casework.access import CLOCK
from casework.auditing import Alarm, Memory
from casework.records import Escalation, Submission
from storage.store import KeyRing, StorageError, Store
from tests.bot.harness import KEY
from tests.conversations.county import policy
from tests.storage.world import bare
from tests.storm.county import COUNTY_OFFICER
from tests.storm.people import URGENT, Model, Report
from tests.storm.screens import MARK, Screens, Shown

OUTBOX = (
    "SELECT seq, key, recipient, lane, priority, state, message_id, next_at, tries FROM outbox ORDER BY seq"
)


@dataclass
class Verdict:
    """Counts of what must not be, with examples, and of what there was."""

    answers: int = 0
    alerts: int = 0
    messages: int = 0
    repeats: int = 0
    restored: int | None = None  # reports in the newest backup of the storm, None where none was made
    excused: int = 0  # repeats that a fault of the way made, not a kill
    broken: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, what: str, example: object = "") -> None:
        """One more of these."""
        self.broken[what] += 1
        self.examples.setdefault(what, []).append(str(example)[:900])


async def judge(
    url: str, model: Model, screens: Screens, *, updates: int, poisoned: int, saved: Path | None
) -> Verdict:
    """Everything, after the bot has come to rest and has ended."""
    verdict = Verdict()
    screens.follow()
    for who in model.stuck:
        verdict.fault("answers lost", f"stuck: {who}")
    store = await Store.open(url, KeyRing([KEY]))
    try:
        submissions = await store.find(CLOCK, Submission)
        escalations = await store.find(CLOCK, Escalation)
        _reports(verdict, model, submissions, escalations)
        rows = [row._mapping for row in await bare(url, OUTBOX)]  # type: ignore[attr-defined]
        _alerts(verdict, model, escalations, rows, screens)
        states = await bare(url, "SELECT state, count(*) FROM inbox GROUP BY state")
        _inbox(verdict, states, updates, poisoned, model.strangers)
        _outbox(verdict, rows, screens)
        _order(verdict, rows, screens)
        audit = await store.verify_audit()
        if not audit.intact:
            verdict.fault("audit trail broken", audit)
        await _auditor(verdict, store, url)
    finally:
        await store.close()
    if saved is not None:
        await _backup(verdict, saved, {submission.id for submission in submissions})
    return verdict


async def _auditor(verdict: Verdict, store: Store, url: str) -> None:
    """It looked, and never in all the storm did it take for a fault what was none."""
    report = await last_report(store)
    cried = await bare(url, "SELECT at, detail FROM events WHERE name = 'audit_found'")
    if report is None or report.found or report.alarm != Alarm() or cried:
        verdict.fault("false alarms of the auditor", f"{report}, {cried}")
    picture = await store.audited(datetime.now(UTC), policy().audit, Memory())
    if any(picture.wrong.values()):
        verdict.fault("false alarms of the auditor", picture.wrong)


async def _backup(verdict: Verdict, saved: Path, known: set[str]) -> None:
    """The newest backup, made in the storm, restores whole, and holds nothing that never was."""
    home = saved.parent / "restored"
    home.mkdir()
    store = await Store.open(f"sqlite:///{home}/storm.db", KeyRing([KEY]))
    try:
        await store.restore(saved, now=datetime.now(UTC), home=home)
        verdict.restored = len(await store.find(CLOCK, Submission))
        strangers = {s.id for s in await store.find(CLOCK, Submission)} - known
        audit = await store.verify_audit()
        if strangers or not audit.intact:
            verdict.fault("backups broken", f"{saved.name}: {len(strangers)} unknown reports, {audit}")
    except StorageError as error:
        verdict.fault("backups broken", f"{saved.name}: {error}")
    finally:
        await store.close()


def _reports(
    verdict: Verdict, model: Model, submissions: list[Submission], escalations: list[Escalation]
) -> None:
    """Each report once, as it was said, and in somebody's hands where it was urgent."""
    kept: dict[str, list[Submission]] = {}
    for submission in submissions:
        kept.setdefault(submission.values.get("words", ""), []).append(submission)
    verdict.answers = model.said["typed"] + model.said["tapped"]
    raised = {deed.note for e in escalations for deed in e.story} | {e.source for e in escalations}
    stuck = " ".join(model.stuck)
    for report in model.reports:
        found = kept.pop(report.words, [])
        if not found and report.words not in stuck:
            verdict.fault("answers lost", f"no submission of {report}")
        if len(found) > 1:
            verdict.fault("applied twice", f"{len(found)} submissions of {report}")
        for submission in found[:1]:
            _compare(verdict, report, submission)
            if report.matter in URGENT and submission.id not in raised:
                verdict.fault("alerts lost", f"nothing was raised by {report}")
    for words, found in kept.items():
        verdict.fault("applied twice", f"nobody said {words!r}: {found[0].values}")


def _compare(verdict: Verdict, report: Report, submission: Submission) -> None:
    told = (
        submission.person,
        submission.child,
        submission.values["matter"],
        submission.values["done"].split(),
    )
    if (report.worker, report.child, report.matter, sorted(report.done)) != (*told[:3], sorted(told[3])):
        verdict.fault("answers lost", f"{report} was kept as {told}")


def _alerts(
    verdict: Verdict, model: Model, escalations: list[Escalation], rows: list[Any], screens: Screens
) -> None:
    """Each escalation reached somebody, still has a next moment while open, and ended as it was ended."""
    told: dict[str, set[int]] = {}
    for row in rows:
        kind, _, rest = row["key"].partition(":")
        if kind == "escalation" and row["seq"] in screens.rows:
            told.setdefault(rest.partition(":")[0], set()).add(row["seq"])
    verdict.alerts = len(escalations)
    for e in escalations:
        waits = any(r["key"].startswith(f"escalation:{e.id}:") and r["state"] == "new" for r in rows)
        if e.id not in told and e.under not in told and not waits:
            verdict.fault("alerts lost", f"nobody was told of {e}")
        if e.status in ("open", "acknowledged") and e.wake_at is None:
            verdict.fault("alerts lost", f"it sleeps for ever: {e}")
        if e.number in model.ends:
            _ended(verdict, e, *model.ends[e.number])


def _ended(verdict: Verdict, e: Escalation, officer: str, words: str) -> None:
    if (e.status, e.outcome) != ("resolved", words):
        verdict.fault("answers lost", f"{officer} ended {e.number}, but it is {e.status}: {e.outcome}")
    deeds = Counter(deed.name for deed in e.story)
    lapses = deeds["escalation_lapsed"] + deeds["escalation_upgraded"]
    if deeds["escalation_acknowledged"] > 1 + lapses or deeds["escalation_resolved"] > 1:
        verdict.fault("applied twice", f"{e.number}: {deeds}")


def _inbox(verdict: Verdict, states: Iterable[Any], updates: int, poisoned: int, strangers: int = 0) -> None:
    count: dict[str, int] = {row[0]: row[1] for row in states}
    if sum(count.values()) != updates - strangers:
        verdict.fault("answers lost", f"{updates} updates were sent, {count} are kept")
    if count.get("open"):
        verdict.fault("answers lost", f"{count['open']} updates were never dealt with")
    if count.get("parked", 0) != poisoned:
        verdict.fault("put aside wrongly", f"{poisoned} were poison, {count} are kept")


def _outbox(verdict: Verdict, rows: list[Any], screens: Screens) -> None:
    """What counts as sent was shown; what was shown twice says so; nothing is left lying."""
    for row in rows:
        shown = screens.rows.get(row["seq"])
        if row["state"] == "sent" and row["message_id"] and shown is None:
            verdict.fault("messages lost", f"marked as sent, never shown: {dict(row)}")
        if row["state"] == "dead" and row["recipient"] != "K1":
            verdict.fault("messages lost", f"given up: {dict(row)}")
        if row["state"] == "sending" or (row["state"] == "new" and row["tries"]):
            verdict.fault("messages lost", f"left lying: {dict(row)}")
    for shown in screens.messages:
        if not shown.edit:
            verdict.messages += 1
            verdict.repeats += len(shown.texts) - 1
            if any(not text.startswith(MARK) for text in shown.texts[1:]):
                verdict.fault("repeats without a mark", shown)
    known = {row["seq"] for row in rows}
    for seq, shown in screens.rows.items():
        if seq not in known:
            verdict.fault("messages of no row", shown)
    verdict.excused = screens.unsure


def _order(verdict: Verdict, rows: list[Any], screens: Screens) -> None:
    """In each lane, messages of one priority that were not held back came in the order of their rows."""
    last: dict[tuple[str, int], Shown] = {}
    for row in rows:
        shown = screens.rows.get(row["seq"])
        if shown is None or shown.chat == COUNTY_OFFICER or not row["key"].startswith("tg"):
            continue
        lane = row["lane"], row["priority"]
        before = last.get(lane)
        if before is not None and before.first > shown.first:
            verdict.fault("out of order", f"{before} before {shown}")
        last[lane] = shown
