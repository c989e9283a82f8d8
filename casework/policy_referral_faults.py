"""What each table of departments and referrals allows by itself but the whole does not."""

from collections.abc import Iterator, Mapping

from casework.policy_ladders import FlagRule
from casework.policy_matters import MatterRule
from casework.policy_referrals import Department, ReferralField, ReferralRule

CHILD_FACTS = (
    "name", "sex", "birth_date", "id_number", "place", "school", "guardian_name", "guardian_relation",
    "guardian_phone",
)  # fmt: skip
_PEOPLE_FACTS = ("name", "phone")


def referral_faults(
    referrals: Mapping[str, ReferralRule],
    fields: Mapping[str, ReferralField],
    departments: Mapping[str, Department],
    sorts: Mapping[str, MatterRule],
    flags: Mapping[str, FlagRule],
) -> Iterator[tuple[str, str]]:
    """Key and fault: names of nothing, and answers that lead nowhere."""
    for name, known in fields.items():
        yield from _field_faults(name, known)
    yield from _department_faults(departments, flags)
    for purpose, rule in referrals.items():
        at = f"referrals.{purpose}"
        if rule.department not in departments:
            yield f"{at}.department", f"没有这个部门 / no such department: {rule.department}"
        for name in rule.fields:
            if name not in fields:
                yield f"{at}.fields", f"没有这个字段 / no such field: {name}"
        if rule.flag not in flags:
            yield f"{at}.flag", f"没有这个情形 / no such flag: {rule.flag}"
        if rule.answer_days < rule.ack_days:
            yield f"{at}.answer_days", "不能早于确认收到 / must not come before it is acknowledged (ack_days)"
    for sort, matter in sorts.items():
        for key, step in matter.steps.items():
            if step.refers:
                yield from _refers(f"matters.sorts.{sort}", matter, key, referrals)


def _department_faults(
    departments: Mapping[str, Department], flags: Mapping[str, FlagRule]
) -> Iterator[tuple[str, str]]:
    for key, department in departments.items():
        if department.reports and department.reports not in flags:
            yield f"departments.{key}.reports", f"没有这个情形 / no such flag: {department.reports}"


def _field_faults(name: str, known: ReferralField) -> Iterator[tuple[str, str]]:
    whose, _, what = known.of.partition(".")
    allowed = {"child": CHILD_FACTS, "worker": _PEOPLE_FACTS, "sender": _PEOPLE_FACTS}.get(whose)
    if allowed is not None and what not in allowed:
        yield (
            f"referral_fields.{name}.of",
            f"没有这一项，可用的有 / no such thing; there are: {', '.join(allowed)}",
        )


def _refers(
    at: str, matter: MatterRule, key: str, referrals: Mapping[str, ReferralRule]
) -> Iterator[tuple[str, str]]:
    """A step that sends a referral: it exists, and its answers are steps that can be taken from there."""
    step = matter.steps[key]
    rule = referrals.get(step.refers)
    if rule is None:
        yield f"{at}.steps.{key}.refers", f"没有这个转介 / no such referral: {step.refers}"
        return
    answers = {f"answers.{name}.step": answer.step for name, answer in rule.answers.items()}
    for name, taken in {**answers, "returned_step": rule.returned_step}.items():
        following = matter.steps.get(taken)
        if taken and (following is None or not {*step.to} <= {*following.since}):
            yield (
                f"referrals.{step.refers}.{name}",
                f"{at} 里从 {', '.join(step.to)} 走不了这一步 / is no step of {at} from there: {taken}",
            )
