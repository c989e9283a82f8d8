"""What the tables of a file's years allow by themselves but the whole policy does not."""

from collections.abc import Collection, Iterator, Mapping

from casework.policy_life import AgeRule, ClosingRules, MovingRules, ParentsBackRules


def life_faults(
    closing: ClosingRules,
    ages: Mapping[int, AgeRule],
    moving: MovingRules,
    back: ParentsBackRules,
    categories: Collection[str],
) -> Iterator[tuple[str, str]]:
    """Key and what is wrong with it: reasons that there are not, and roles that both close and propose."""
    for age, rule in ages.items():
        if rule.act == "close" and rule.reason not in closing.reasons:
            yield f"ages.{age}.reason", _no_reason(rule.reason)
    if moving.outside_reason not in closing.reasons:
        yield "moving.outside_reason", _no_reason(moving.outside_reason)
    if back.reason not in closing.reasons:
        yield "parents_back.reason", _no_reason(back.reason)
    if back.category not in categories:
        yield "parents_back.category", f"没有这个类别 / no such category: {back.category}"
    for role in set(closing.at_once) & set(closing.propose):
        yield "closing.propose", f"已在 at_once 里 / stands in at_once already: {role}"


def _no_reason(name: str) -> str:
    return f"没有这个结束原因 / no such reason of closing: {name}"
