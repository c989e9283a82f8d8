"""A few hundred damaged rosters of `make mutated-rosters`, brought in."""

from pathlib import Path

from tests.roster.mutate import play


async def test_a_damaged_roster_comes_in_as_a_whole_or_not_at_all_and_each_fault_has_its_place(
    tmp_path: Path,
) -> None:
    seen = await play(300, 7, tmp_path)
    assert seen.wrong == []
    assert seen.ends["refused"] > 100
    assert seen.ends["brought in"] + seen.ends["brought in, nothing new"] > 20
    assert len(seen.damages) > 20
