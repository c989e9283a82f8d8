"""Evil forms: each is refused with its place when it is published, or every answer to it costs little."""

from __future__ import annotations

import pytest

from tests.xlsform.evil import Evil, evils
from tests.xlsform.forms import form, survey
from tests.xlsform.trial import percentile, tried
from xlsform.rehearsal import heavy

EVERY = 9  # `make evil` tries all of them
SOME = list(evils())[::EVERY]
MOST = 50.0  # milliseconds of processor


def test_there_are_two_hundred_of_them() -> None:
    assert len(list(evils())) >= 200


@pytest.mark.parametrize("evil", SOME, ids=[evil.name[:40] for evil in SOME])
def test_an_evil_form_is_refused_or_costs_little(evil: Evil) -> None:
    worst = []
    for _ in range(3):  # beside other work a processor is slower than it is
        found = tried(evil)
        worst.append(max(found.times, default=0))
        if worst[-1] < MOST:
            break
    assert found.refused or min(worst) < MOST, (worst, evil.name)
    assert min(worst) < 2 * MOST  # and even if it had been let in, the others would hardly notice


def test_the_conversations_of_all_others_go_on_between_two_steps() -> None:
    times = [spent for evil in SOME[::3] for spent in tried(evil).times]
    assert percentile(times, 0.99) < 100


def test_a_refusal_names_the_field_and_what_is_wrong() -> None:
    look = form(survey("text a ; constraint=regex(., '(?=a)a+')"))
    assert [(one.code, one.place) for one in heavy(look)] == [("pattern", "/data/a constraint")]
    many = heavy(form(survey("begin_repeat r ; repeat_count=1000000", "text t", "end_repeat")))
    assert [one.line("en") for one in many] == [
        "/data/r repeat: The repeat asks for 1000000 instances. 100 is the most"
    ]


def test_an_honest_form_is_not_refused() -> None:
    honest = form(
        survey("text name ; constraint=regex(., '[一-龥·]{2,20}')", "integer age ; constraint=. < 18",
               "begin_repeat r ; repeat_count=20", "text t", "end_repeat",
               "calculate c ; calculation=concat(${name}, count(${r}))")
    )  # fmt: skip
    assert heavy(honest) == ()
