"""Reads the sheet of children: each by itself, against its ID number, and against village and worker."""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.roster.area_rows import AreaReader
from bot.roster.cells import IdNumber, Wrong, code, day, id_number, phone, several
from bot.roster.codes import Codes
from bot.roster.column import folded
from bot.roster.columns import CATEGORY_WORDS, SEX_WORDS, SEXES, risk_labels, risk_words
from bot.roster.fact_cells import read_facts
from bot.roster.faults import Either
from bot.roster.person_rows import PersonReader
from bot.roster.tables import Row
from casework.calendar import age_on
from casework.changing import id_says
from casework.facts import written
from casework.policy_models import Policy
from casework.roster import ChildRow, Kept, Sex
from casework.rostered import is_news

GROWN_UP = 18
_SEXES: Mapping[str, str] = {str(code): label for code, label in SEXES.items()}
FARTHEST_VISIT = timedelta(days=366)


class ChildReader:
    """Takes row by row. ``today`` is the day in the county."""

    def __init__(
        self, kept: Kept, areas: AreaReader, people: PersonReader, policy: Policy, today: date
    ) -> None:
        self.rows: list[ChildRow] = []
        self._codes = Codes(kept.children)
        self._areas = areas
        self._people = people
        self._risks = risk_words(policy)
        self._risk_labels = risk_labels(policy)
        self._today = today
        self._kept = kept.children
        self._held = {child.id_number: known for known, child in kept.children.items() if child.id_number}
        self._given: dict[str, str] = {}  # ID numbers of the rows so far, and whose they are

    def take(self, row: Row) -> None:
        """One row of the sheet."""
        own = self._codes.own(row)
        proof = self._proof(row, own)
        name = row.text("name", needed=True) or ""
        born = self._born(row, proof)
        sex = self._sex(row, proof)
        village = self._village(row)
        risk = row.word("risk", self._risks, folded, self._risk_labels, needed=True)
        worker = self._worker(row)
        guardian, relation, school = (row.text(k) or "" for k in ("guardian", "guardian_relation", "school"))
        telephone = row.take("guardian_phone", phone) or ""
        categories = tuple(CATEGORY_WORDS.get(folded(c), c) for c in row.take("categories", several) or ())
        next_visit = self._next_visit(row)
        facts = read_facts(row)
        if proof is None:
            self._fits_held_number(row, own, {"birth_date": written(born), "sex": sex})
        if row.bad or own is None or village is None or risk is None:
            return
        self.rows.append(
            ChildRow(
                code=own, name=name, sex=sex, birth_date=born, id_number=proof.number if proof else "",
                village=village, worker=worker, guardian_name=guardian, guardian_relation=relation,
                guardian_phone=telephone, risk=risk, categories=categories, school=school,
                next_visit=next_visit, facts=facts,
            )
        )  # fmt: skip

    def _proof(self, row: Row, own: str | None) -> IdNumber | None:
        """What the ID number says, if there is one; one number belongs to one child."""
        raw = row.raw("id_number")
        proof = row.take("id_number", lambda text: id_number(raw, text))
        if proof is None:
            return None
        mine = own or "?"
        other = self._given.setdefault(proof.number, mine)
        if other == mine and self._counts(own, "id_number", proof.number):
            other = self._held.get(proof.number, mine)
        if other != mine:
            row.fault("id_number", "roster.id_twice", code=other)
        return proof

    def _counts(self, own: str | None, key: str, word: str) -> bool:
        """Whether a cell will change the file; not where the file was joined with another."""
        before = self._kept.get(own or "")
        return before is None or (before.merged_into is None and is_news(before, key, word))

    def _fits_held_number(self, row: Row, own: str | None, words: Mapping[str, str]) -> None:
        """An ID number that was said in the chat stays, where the row has none: its day and sex must fit."""
        before = self._kept.get(own or "")
        if before is None or self._counts(own, "id_number", ""):
            return
        says = id_says(before.id_number)
        for key, word in words.items():
            right = says.get(f"id_{key}", word)
            if word and word != right and self._counts(own, key, word):
                shown = Either(zh=_SEXES.get(right, right), en=right)
                row.fault(key, "roster.file_contradicts", value=shown)

    def _born(self, row: Row, proof: IdNumber | None) -> date | None:
        """The day of birth, from the ID number where the cell is empty."""
        given = row.take("birth_date", day)
        if given is None and proof is None:
            if not row.filled("birth_date"):
                row.fault("birth_date", "roster.empty_without_id")
            return None
        born = given or (proof.birth_date if proof else None)
        if born is None:
            return None
        if born > self._today:
            row.fault("birth_date", "roster.born_later", value=born.isoformat())
        elif age_on(born, self._today) >= GROWN_UP:
            row.fault("birth_date", "roster.grown_up", age=age_on(born, self._today))
        elif proof and proof.birth_date != born:
            row.fault("birth_date", "roster.birth_contradicts", value=proof.birth_date.isoformat())
        return born

    def _sex(self, row: Row, proof: IdNumber | None) -> Sex:
        given = row.word("sex", SEX_WORDS, folded, SEXES)
        if given and proof and given != proof.sex:
            row.fault("sex", "roster.sex_contradicts", value=Either(zh=SEXES[proof.sex], en=proof.sex))
        if not given and not proof and not row.filled("sex"):
            row.fault("sex", "roster.empty_without_id")
        return given or (proof.sex if proof else "")

    def _village(self, row: Row) -> str | None:
        given = row.take("village", code, needed=True)
        if given is None:
            return None
        known = self._areas.codes.resolve(given, row, "village")
        if known is None:
            row.fault("village", "roster.unknown_area", code=given)
        elif self._areas.levels[known] not in ("village", None):
            row.fault("village", "roster.no_village", code=known)
        return known

    def _worker(self, row: Row) -> str | None:
        given = row.take("worker", code)
        if given is None:
            if not row.filled("worker"):
                row.warn("worker", "roster.no_worker")
            return None
        known = self._people.codes.resolve(given, row, "worker")
        if known is None:
            row.fault("worker", "roster.unknown_worker", code=given)
        elif "village_worker" not in self._people.roles.get(known, frozenset({"village_worker"})):
            row.fault("worker", "roster.no_village_worker", code=known)
        return known

    def _next_visit(self, row: Row) -> date | None:
        def soon(text: str) -> date | None:
            wanted = day(text)
            if wanted and wanted > self._today + FARTHEST_VISIT:
                raise Wrong("roster.too_far", value=wanted.isoformat())
            return wanted

        wanted = row.take("next_visit", soon)
        if wanted and wanted < self._today:
            row.warn("next_visit", "roster.visit_past")
        return wanted
