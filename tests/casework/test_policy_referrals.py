"""A policy file's departments and referrals: what is wrong in them is named by its key."""

from pathlib import Path

import pytest

from casework.policy import PolicyError, load_policy


def faults(tmp_path: Path, text: str) -> str:
    path = tmp_path / "our-county.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    return "\n".join(refused.value.faults)


@pytest.mark.parametrize(
    ("text", "key", "right"),
    [
        ("[referrals.hukou]\ndepartment = 'polic'\n", "referrals.hukou.department", "polic"),
        ("[referrals.hukou]\nfields = ['name', 'religion']\n", "referrals.hukou.fields", "religion"),
        ("[referrals.hukou]\nflag = 'latee'\n", "referrals.hukou.flag", "latee"),
        (
            "[referrals.hukou]\nsource = '县里规定'\nack_days = 30\n",
            "referrals.hukou.answer_days",
            "ack_days",
        ),
        ("[referrals.hukou]\nack_days = 3\n", "referrals.hukou.source", "依据"),
        ("[referral_fields.name]\nof = 'child.nmae'\n", "referral_fields.name.of", "birth_date"),
        ("[referral_fields.name]\nof = 'everything'\n", "referral_fields.name.of", "everything"),
        (
            "[referrals.hukou.answers.registered]\nstep = 'start'\n",
            "referrals.hukou.answers.registered.step",
            "start",
        ),
        ("[referrals.hukou]\nreturned_step = 'gone'\n", "referrals.hukou.returned_step", "gone"),
        ("[matters.sorts.hukou.steps.referred]\nrefers = 'hoku'\n", "referred.refers", "hoku"),
        ("[conference]\nsource = '县里规定'\nsmall_number = 0\n", "conference.small_number", "1"),
    ],
)
def test_what_cannot_be_is_named_by_its_key(tmp_path: Path, text: str, key: str, right: str) -> None:
    said = faults(tmp_path, text)
    assert key in said
    assert right in said


def test_a_county_may_add_a_department_and_a_referral_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "our-county.toml"
    path.write_text(
        """
[departments.traffic]
zh_Hans = "交通"
en = "traffic"
source = "县政府纪要"
duty = { zh_Hans = "校车", en = "school buses" }

[referrals.bus]
zh_Hans = "请安排校车"
en = "A seat in the school bus"
source = "县政府纪要"
basis = "个人信息保护法第二十三条"
department = "traffic"
fields = ["place", "school"]
ack_days = 1
answer_days = 5
close_days = 5
answers = { seat = { zh_Hans = "有座位", en = "There is a seat" } }
""",
        encoding="utf-8",
    )
    policy = load_policy(path)
    assert policy.referrals["bus"].answers["seat"].label("zh_Hans") == "有座位"
    assert "hukou" in policy.referrals
