"""What matters print: every value that the document's kind names is given, from what was reported."""

from datetime import date

import pytest

from bot.documents.kinds import kinds
from casework.records import Matter, Taken
from conversations.matter_documents import WRITERS
from tests.conversations.county import CHILD, START, County, policy
from tests.documents.handing import SET_BY_US, turn_of
from tests.documents.samples import texts

SIGNED = Matter(
    id="m1", child="3001", sort="agreement", state="in_force", opened_at=START, since=START.date(),
    facts={
        "parent_name": "张大山", "parent_place": "浙江杭州", "parent_phone": "13700000001",
        "carer_name": "周桂兰", "carer_phone": "13900000009", "witness_1": "李建国", "witness_2": "陈书记",
        "valid_from": "2026-11-23", "valid_to": "2027-11-22", "opinion_words": "想妈妈",
    },
    story=(
        Taken(at=START, step="start", state="in_force", by="wang", said={
            "parent_relation": "父亲", "carer_relation": "奶奶", "reason": "父母都在外地", "opinion": "愿意",
            "way": "电话委托，两人见证",
        }),
    ),
)  # fmt: skip
EMPTY = Matter(id="m2", child="3001", sort="agreement", state="to_sign", opened_at=START, since=START.date())


def test_every_document_that_the_policy_names_has_its_writer_and_its_kind() -> None:
    named = {kind for rule in policy().matters.sorts.values() for kind in rule.documents}
    assert named <= set(WRITERS)
    assert named <= set(kinds())


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("m", [SIGNED, EMPTY], ids=["all answered", "nothing answered"])
async def test_a_writer_gives_all_that_its_kind_names_and_no_more(
    county: County, kind: str, m: Matter
) -> None:
    turn = await turn_of(county.desk, "wang", "test:wang", "x")
    values = await WRITERS[kind](turn, m, CHILD)
    assert set(values) == set(kinds()[kind].samples()) - set(SET_BY_US)
    assert await county.desk.press.word(
        kind, {**values, "year": 2026, "number": 1, "day": date(2026, 11, 23)}
    )


async def test_the_agreement_says_who_entrusts_the_child_to_whom_until_when(county: County) -> None:
    turn = await turn_of(county.desk, "wang", "test:wang", "x")
    values = await WRITERS["agreement"](turn, SIGNED, CHILD)
    given = {**values, "year": 2026, "number": 1, "day": START.date()}
    printed = "\n".join(texts(await county.desk.press.word("agreement", given)))
    parties = ("张小花", "张大山", "周桂兰", "奶奶", "李建国", "陈书记", "青山县柳河镇榆树村")
    for said in (*parties, "电话委托，两人见证", "愿意：想妈妈", "2026年11月23日", "2027年11月22日"):
        assert said in printed, said
