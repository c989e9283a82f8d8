"""What a submission does to matters: the step that it is, those it names, and what its flags begin."""

from collections.abc import Mapping, Sequence

from casework.access import CLOCK
from casework.flags import flags_of
from casework.matters import Around, NotPossible, Report, begin_by_flag, begin_matter, take_step
from casework.outcome import Outcome
from casework.records import Child, Circle, Escalation, Matter, Submission
from conversations.referring import follow_referrals
from conversations.turn import Turn

TO = "matter_to"
_STEP = "matter_"
_AFTER_FORM = ("child", TO)


async def follow_matters(
    turn: Turn, submission: Submission, said: Mapping[str, str], child: Child, circle: Circle,
    escalations: Sequence[Escalation],
) -> Outcome:  # fmt: skip
    """``said``: the answers in words, by reference.

    Besides the step for which the form was opened, a calculation ``matter_SORT`` that names a step takes
    that, on the child's open matter of the sort or by beginning one.
    """
    if submission.corrects is not None:
        return Outcome()
    report, by = _report(submission, said), turn.person.id
    around = Around(
        child=child, circle=circle, policy=turn.desk.policy, now=turn.now, new_id=turn.desk.new_id,
        escalations=escalations,
    )  # fmt: skip
    found = list(await turn.desk.store.find(CLOCK, Matter, child=child.id, status=("open",)))
    outcome = Outcome()
    for sort, step, m in _steps(submission, found):
        outcome += _taken(sort, step, m, report, by=by, around=around)
    for flag in flags_of(submission.calculated):
        secret = around.policy.flag(flag.kind).secret_reporter
        among = _as_they_stand(found, outcome)
        outcome += begin_by_flag(flag.kind, report, by=None if secret else by, among=among, around=around)
    return outcome + await follow_referrals(turn, outcome, child)


def _report(submission: Submission, said: Mapping[str, str]) -> Report:
    calculated = submission.calculated
    return Report(
        to=calculated.get(TO, ""),
        facts=_by_name(submission.values),
        said=_by_name(said),
        submission=submission.id,
    )


def _by_name(values: Mapping[str, str]) -> dict[str, str]:
    """By the question's own name; what stands in a list is left to the report itself."""
    plain = {ref.rpartition("/")[2]: value for ref, value in values.items() if "[" not in ref}
    return {name: value for name, value in plain.items() if name not in _AFTER_FORM}


def _steps(submission: Submission, found: Sequence[Matter]) -> list[tuple[str, str, Matter | None]]:
    steps: list[tuple[str, str, Matter | None]] = []
    if submission.matter:
        sort, step, id = submission.matter
        m = next((m for m in found if m.id == id), None)
        if m is not None or not id:
            steps.append((sort, step, m))
    for name, value in submission.calculated.items():
        sort = name.removeprefix(_STEP)
        if name != TO and sort != name and value:
            steps.append((sort, value, next((m for m in found if m.sort == sort), None)))
    return steps


def _taken(sort: str, step: str, m: Matter | None, report: Report, *, by: str, around: Around) -> Outcome:
    """Nothing where the step is not possible any more: the report itself is kept in any case."""
    try:
        if m is not None:
            return take_step(m, step, report, by=by, around=around)
        return begin_matter(sort, step, report, by=by, around=around)
    except NotPossible:
        return Outcome()


def _as_they_stand(found: Sequence[Matter], outcome: Outcome) -> list[Matter]:
    changed = {m.id: m for m in outcome.records if isinstance(m, Matter)}
    return [*(changed.pop(m.id, m) for m in found), *changed.values()]
