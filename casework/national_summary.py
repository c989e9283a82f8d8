"""The survey's summary table (排查汇总表): a row for each area, its sums checked (勾稽关系)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from casework.calendar import age_on
from casework.national import Book, words_of
from casework.policy_national import NationalRules
from casework.records import Child

AGE = "age"
_SEXES = ("male", "female", "")


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A column that counts: the block that it belongs to, and its heads from the top.

    ``total``: the sum of those beside it under the same head (小计), which the block does not count again.
    ``summed``: whether the block's buckets make up the number of children.
    """

    key: str
    heads: tuple[str, ...]
    total: bool = False
    summed: bool = True


@dataclass(frozen=True, kw_only=True)
class Row:
    """An area: how many children, and how many in each bucket."""

    area: str
    count: int
    counts: Mapping[Bucket, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The table: its buckets in their order, a row for each area, and the row of all children together."""

    buckets: tuple[Bucket, ...]
    rows: tuple[Row, ...]
    whole: Row


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """What does not sum: in which area, under which head, what it sums to, and what it ought to."""

    area: str
    head: str
    found: int
    expected: int


def summary(groups: Mapping[str, Sequence[Child]], whole: str, book: Book, today: date) -> Summary:
    """The table of these children, by the area's code; ``whole`` is what the last row is called."""
    buckets = _buckets(book.rules)
    rows = tuple(
        _row(book.places.get(area, area), children, buckets, book, today) for area, children in groups.items()
    )
    everybody = [child for children in groups.values() for child in children]
    return Summary(buckets=buckets, rows=rows, whole=_row(whole, everybody, buckets, book, today))


def _buckets(rules: NationalRules) -> tuple[Bucket, ...]:
    """The ages with their sexes, then a block for each dimension; 未采集 is a bucket of each."""
    age, unknown = rules.age_head, rules.not_collected
    sexes = (*(rules.says["sex"].get(sex, sex) for sex in _SEXES[:-1]), unknown)
    found = []
    for group in rules.ages:
        found.append(Bucket(key=AGE, heads=(age, group.head, rules.subtotal), total=True))
        found += [Bucket(key=AGE, heads=(age, group.head, sex)) for sex in sexes]
    found.append(Bucket(key=AGE, heads=(age, unknown)))
    for key, dimension in rules.dimensions.items():
        words = dict.fromkeys(rules.says[dimension.says or dimension.of].values())
        found += [
            Bucket(key=key, heads=(dimension.head, word), summed=not dimension.several)
            for word in (*words, unknown)
        ]
    return tuple(found)


def _row(area: str, children: Sequence[Child], buckets: Sequence[Bucket], book: Book, today: date) -> Row:
    counted = Counter(heads for child in children for heads in _places(child, book, today))
    return Row(area=area, count=len(children), counts={b: counted[b.key, b.heads] for b in buckets})


def _places(child: Child, book: Book, today: date) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The buckets that a child is in."""
    rules = book.rules
    yield from ((AGE, heads) for heads in _ages(child, rules, today))
    for key, dimension in rules.dimensions.items():
        words = words_of(child, dimension.of, dimension.says, book) or [rules.not_collected]
        for word in words if dimension.several else words[:1]:
            yield key, (dimension.head, word)


def _ages(child: Child, rules: NationalRules, today: date) -> Iterator[tuple[str, ...]]:
    """Who is older than all groups is in none, so that the sums name him."""
    born = child.birth_date
    if born is None or born > today:
        yield rules.age_head, rules.not_collected
        return
    age = age_on(born, today)
    group = next((group.head for group in rules.ages if age <= group.to), None)
    if group is not None:
        yield rules.age_head, group, rules.subtotal
        yield rules.age_head, group, rules.says["sex"].get(child.sex, rules.not_collected)


def mismatches(table: Summary) -> Iterator[Mismatch]:
    """Whatever does not sum: a block of a row, a 小计, an area's column against the whole."""
    for row in (*table.rows, table.whole):
        yield from _in_row(row)
    for bucket in table.buckets:
        found = sum(row.counts[bucket] for row in table.rows)
        if found != table.whole.counts[bucket]:
            yield Mismatch(
                area=table.whole.area, head=" ".join(bucket.heads), found=found,
                expected=table.whole.counts[bucket],
            )  # fmt: skip


def _in_row(row: Row) -> Iterator[Mismatch]:
    blocks = dict.fromkeys(bucket.heads[0] for bucket in row.counts if bucket.summed)
    for head in blocks:
        found = _sum(row, (b for b in row.counts if b.heads[0] == head and not b.total))
        if found != row.count:
            yield Mismatch(area=row.area, head=head, found=found, expected=row.count)
    for total in (bucket for bucket in row.counts if bucket.total):
        parts = _sum(row, (b for b in row.counts if b.heads[:2] == total.heads[:2] and not b.total))
        if parts != row.counts[total]:
            yield Mismatch(area=row.area, head=" ".join(total.heads), found=parts, expected=row.counts[total])


def _sum(row: Row, buckets: Iterable[Bucket]) -> int:
    return sum(row.counts[bucket] for bucket in buckets)
