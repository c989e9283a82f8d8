"""A parked session is what its stored state would give: both walk side by side over random answers."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from xlsform import Context, Form, Parking, Prompt, RepeatPrompt, Session, load
from xlsform.publish import publish_sheets

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
STEPS = 60
ROWS: list[dict[str, Any]] = [
    {"type": "text", "name": "name", "label": "Who?", "required": "yes"},
    {"type": "integer", "name": "age", "label": "How old is ${name}?", "constraint": ". < 20"},
    {"type": "calculate", "name": "born", "calculation": "format-date(today(), '%Y') - ${age}"},
    {"type": "note", "name": "said", "label": "Born in ${born}", "relevant": "${age} > 5"},
    {"type": "begin repeat", "name": "visit", "label": "Visit"},
    {"type": "select_one yn", "name": "met", "label": "Met?"},
    {"type": "text", "name": "why", "label": "Why not?", "relevant": "${met} = 'no'"},
    {"type": "end repeat", "name": "", "label": ""},
    {"type": "calculate", "name": "met_all", "calculation": "count-non-empty(${met})"},
    {"type": "text", "name": "village", "label": "Village ${met_all}", "default": "v"},
    {"type": "calculate", "name": "kept", "calculation": "instance('children')/root/item[1]/label"},
    {"type": "note", "name": "end", "label": "Thank you, ${kept}"},
]
CHOICES = [{"list_name": "yn", "name": n, "label": n.title()} for n in ("yes", "no")]


@pytest.fixture(scope="module")
def form() -> Form:
    return load(publish_sheets({"survey": ROWS, "choices": CHOICES}, name="walk").xform)


def context(moment: datetime) -> Context:
    rows = [{"name": "c1", "label": f"child on {moment:%d}"}]
    return Context(now=moment, instances={"children": lambda: rows})


def act(session: Session, dice: random.Random) -> None:
    prompt = session.prompt()
    what = dice.random()
    if what < 0.15:
        session.back()
    elif what < 0.2 and session.review():
        session.jump(dice.choice(session.review()).ref)
    elif isinstance(prompt, RepeatPrompt):
        session.add_repeat() if what < 0.6 else session.no_more()
    elif isinstance(prompt, Prompt) and prompt.choices:
        session.answer(dice.choice(prompt.choices).value)
    elif isinstance(prompt, Prompt):
        session.answer(str(dice.randrange(30)))
    else:
        session.finish()


def shown(session: Session) -> tuple[Any, ...]:
    return session.prompt(), session.review(), session.dump()


@pytest.mark.parametrize("seed", range(8))
def test_a_parked_session_goes_on_as_the_restored_one(form: Form, seed: int) -> None:
    parking, dice, moment = Parking(), random.Random(seed), NOW
    session = Session.start(form, context(NOW))
    for _ in range(STEPS):
        stored = session.dump()
        parking.leave("d", session, stored)
        moment += timedelta(hours=dice.choice((0, 0, 1, 30)))
        taken = parking.take("d", form, stored, context(moment))
        restored = Session.restore(form, stored, context(moment))
        assert taken is session
        assert shown(taken) == shown(restored)
        act(session, dice)


def test_a_session_that_stands_elsewhere_than_stored_is_not_taken(form: Form) -> None:
    parking = Parking()
    session = Session.start(form, context(NOW))
    stored = session.dump()
    parking.leave("d", session, stored)
    session.answer("somebody")
    assert parking.take("d", form, stored, context(NOW)) is None


def test_a_session_is_taken_once_and_the_longest_parked_give_way(form: Form) -> None:
    parking = Parking(room=2 * len(form.fields))
    stored = {}
    for key in "abc":
        session = Session.start(form, context(NOW))
        stored[key] = session.dump()
        parking.leave(key, session, stored[key])
    assert parking.take("a", form, stored["a"], context(NOW)) is None
    assert parking.take("c", form, stored["c"], context(NOW)) is not None
    assert parking.take("c", form, stored["c"], context(NOW)) is None


def test_a_question_is_put_together_anew_only_where_more_than_the_answers_counts() -> None:
    late = "decimal-date-time(now()) > decimal-date-time('2026-11-24T01:30:00.000+00:00')"
    rows = [
        {"type": "text", "name": "still", "label": "Still"},
        {"type": "text", "name": "moving", "label": "Moving", "required": late},
    ]
    form, parking = load(publish_sheets({"survey": rows}, name="live").xform), Parking()
    session = Session.start(form, context(NOW))
    for still in (True, False):
        before = session.prompt()
        parking.leave("d", session, stored := session.dump())
        assert parking.take("d", form, stored, context(NOW + timedelta(hours=1))) is session
        after = session.prompt()
        assert isinstance(after, Prompt)
        assert (after is before, after.required) == (still, not still)
        assert session.jump(next(ref for ref in form.questions if ref.endswith("/moving")))
