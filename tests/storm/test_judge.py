"""The judge finds what it is there to find: a record with each fault in it is not passed."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.auditor import Auditor
from casework.outcome import Event, Outcome
from casework.records import Deed, Escalation, Submission
from playground.server import StandIn
from storage.store import Store
from tests.conversations.county import KEYS, policy
from tests.storm import judge
from tests.storm.judge import Verdict
from tests.storm.people import Model, Report
from tests.storm.screens import MARK, Screens, Shown

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
REPORT = Report(worker="W1", child="1011", words="记录W1第1号", matter="danger", done=frozenset({"police"}))
KEPT = Submission(
    id="s1", person="W1", child="1011", form="report", form_version="1", digest="", at=NOW,
    values={"matter": "danger", "words": "记录W1第1号", "done": "police"},
)  # fmt: skip
RAISED = Escalation(id="e1", child="1011", flag="danger", urgency="now", opened_at=NOW, source="s1", number=1)


def reports(submissions: list[Submission], escalations: list[Escalation]) -> set[str]:
    verdict = Verdict()
    judge._reports(verdict, Model(reports=[REPORT]), submissions, escalations)
    return set(verdict.broken)


def test_a_report_must_be_kept_once_word_for_word_and_be_in_somebody_s_hands() -> None:
    assert reports([KEPT], [RAISED]) == set()
    assert reports([], [RAISED]) == {"answers lost"}
    assert reports([KEPT, replace(KEPT, id="s2")], [RAISED]) == {"applied twice"}
    assert reports([replace(KEPT, values={**KEPT.values, "done": ""})], [RAISED]) == {"answers lost"}
    assert reports([replace(KEPT, person="W2")], [RAISED]) == {"answers lost"}
    assert reports([KEPT], []) == {"alerts lost"}
    assert reports([KEPT, replace(KEPT, id="s2", values={**KEPT.values, "words": "?"})], [RAISED]) == {
        "applied twice"
    }


def test_an_alert_that_was_ended_must_be_ended_as_it_was_said_and_once() -> None:
    ended = replace(RAISED, status="resolved", outcome="已处理")
    twice = replace(ended, story=tuple(Deed(at=NOW, name="escalation_acknowledged") for _ in range(2)))
    found = []
    for e in (ended, RAISED, twice):
        verdict = Verdict()
        judge._ended(verdict, e, "T1", "已处理")
        found.append(set(verdict.broken))
    assert found == [set(), {"answers lost"}, {"applied twice"}]


def row(seq: int, **more: Any) -> dict[str, Any]:
    known = {
        "seq": seq, "key": f"tg{seq}:0", "recipient": "W1", "lane": "l", "priority": 1, "state": "sent",
        "message_id": str(seq), "next_at": 0, "tries": 1,
    }  # fmt: skip
    return known | more


def shown(seq: int, *texts: str, first: int | None = None, also: int = 0) -> dict[int, Shown]:
    """A message by the rows of which it told."""
    at = seq if first is None else first
    message = Shown(row=seq, chat=101, number=seq, first=at, edit=False, texts=list(texts))
    return {seq: message} | ({also: message} if also else {})


@pytest.mark.parametrize(
    ("rows", "seen", "broken"),
    [
        ([row(1)], [shown(1, "a", MARK + "a")], set()),
        ([row(1)], [shown(1, "a", "a")], {"repeats without a mark"}),
        ([row(1)], [], {"messages lost"}),
        ([row(1, state="dead")], [], {"messages lost"}),
        ([row(1, state="dead", recipient="K1")], [], set()),
        ([row(1, state="new")], [], {"messages lost"}),
        ([row(1, state="new", tries=0)], [], set()),
        ([], [shown(1, "a")], {"messages of no row"}),
        ([row(1), row(2)], [shown(1, "a", also=2)], set()),
        ([row(1), row(2)], [shown(1, "a", "a", also=2)], {"repeats without a mark"}),
        ([row(1)], [shown(1, "a", also=2)], {"messages of no row"}),
        ([row(1), row(2)], [shown(1, "a", first=9), shown(2, "b")], {"out of order"}),
        ([row(1), row(2, lane="m")], [shown(1, "a", first=9), shown(2, "b")], set()),
    ],
)
def test_a_message_must_be_shown_in_its_order_and_say_that_it_may_be_a_repeat(
    rows: list[Any], seen: list[dict[int, Shown]], broken: set[str]
) -> None:
    screens, verdict = Screens(StandIn(token="1:x")), Verdict()
    for one in seen:
        screens.rows.update(one)
    judge._outbox(verdict, rows, screens)
    judge._order(verdict, rows, screens)
    assert set(verdict.broken) == broken


def test_every_update_must_be_kept_and_dealt_with_and_only_poison_put_aside() -> None:
    found = []
    for states in ([("done", 9), ("parked", 1)], [("done", 8), ("parked", 1)], [("done", 9), ("open", 1)]):
        verdict = Verdict()
        judge._inbox(verdict, states, updates=10, poisoned=1)
        found.append(set(verdict.broken))
    assert found == [set(), {"answers lost"}, {"answers lost", "put aside wrongly"}]


async def test_an_auditor_that_never_looked_or_cried_wolf_is_not_passed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/storm.db"
    store = await Store.open(url, KEYS)
    auditor = Auditor(store, lambda: NOW, policy(), ages=dict, expected=(), trail_holds=lambda: True)

    async def verdict() -> set[str]:
        found = Verdict()
        await judge._auditor(found, store, url)
        return set(found.broken)

    assert await verdict() == {"false alarms of the auditor"}
    await auditor.audit()
    assert await verdict() == set()
    await store.apply(Outcome(events=(Event(name="audit_found", at=NOW, actor="clock"),)))
    assert await verdict() == {"false alarms of the auditor"}
    await store.close()
