"""A county's tables for the national system: what is wrong in them is named by its key."""

from pathlib import Path

import pytest

from casework.policy import PolicyError, load_policy


@pytest.mark.parametrize(
    ("text", "key", "right"),
    [
        (
            "[national.tabs.advice]\nfields = [{ head = '建议', of = 'x', says = 'y' }]\n",
            "advice.fields",
            "y",
        ),
        ("[national.dimensions.hobby]\nhead = '爱好'\nof = 'hobby'\n", "national.dimensions.hobby", "hobby"),
        ("[national.tabs.exit]\nexit = false\n", "national.tabs", "exit"),
        ("[national]\ncategory = 'left'\n", "national.category", "left"),
        ("[[national.ages]]\nhead = '大'\nto = 9\n[[national.ages]]\nhead = '小'\nto = 5\n", "ages", "go up"),
        ("[national]\nsource = '县里规定'\nmost = 0\n", "national.most", "1"),
    ],
)
def test_what_cannot_be_is_named_by_its_key(tmp_path: Path, text: str, key: str, right: str) -> None:
    path = tmp_path / "our-county.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    (fault,) = refused.value.faults
    assert key in fault
    assert right in fault
