"""What each table of the national system allows by itself but the whole does not."""

from collections.abc import Collection, Iterator

from casework.policy_national import NationalRules


def national_faults(rules: NationalRules, categories: Collection[str]) -> Iterator[tuple[str, str]]:
    """Key and fault: names of nothing, pages and ages that can't be."""
    for key, tab in rules.tabs.items():
        for field in tab.fields:
            if field.says and field.says not in rules.says:
                yield f"national.tabs.{key}.fields", f"{field.head}: {_no_table(field.says)}"
    for key, dimension in rules.dimensions.items():
        table = dimension.says or dimension.of
        if table not in rules.says:
            yield f"national.dimensions.{key}", _no_table(table)
    if "sex" not in rules.says:
        yield "national.says.sex", "缺少，年龄按男女分 / missing: ages are counted by sex"
    if sum(tab.exit for tab in rules.tabs.values()) != 1:
        yield (
            "national.tabs",
            "要有且只有一个退出页（exit = true）/ exactly one page must be the exit's",
        )
    tops = [group.to for group in rules.ages]
    if tops != sorted(set(tops)):
        yield "national.ages", "要从小到大 / must go up"
    if rules.category and rules.category not in categories:
        yield "national.category", f"没有这个类别 / no such category: {rules.category}"


def _no_table(name: str) -> str:
    return f"national.says 里没有这张对照表 / no such table in national.says: {name}"
