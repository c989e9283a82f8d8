"""Who is told when one chat sends faster than a person can."""

from datetime import timedelta

from conversations.flooding import flooded
from tests.conversations.county import County, words


def heard_by(county: County, who: str) -> list[str]:
    return [h.text for h in county.heard if h.person == who]


async def test_the_sender_learns_that_it_takes_a_while_and_what_was_not_kept(county: County) -> None:
    await flooded(county.desk, "test:wang", "slow")
    await flooded(county.desk, "test:wang", "full")
    await county.deliver()
    assert heard_by(county, "wang") == [words().say("zh_Hans", f"flood.{what}") for what in ("slow", "full")]


async def test_a_stranger_is_told_nothing(county: County) -> None:
    await flooded(county.desk, "test:stranger", "slow")
    await flooded(county.desk, "test:stranger", "full")
    assert (await county.store.status()).outbox_waiting == 0


async def test_the_county_hears_whose_account_it_is_where_it_is_a_colleagues_and_once_an_hour(
    county: County,
) -> None:
    wang = await county.store.person("wang")
    assert wang is not None
    await flooded(county.desk, "test:wang", "attack")
    await flooded(county.desk, "test:wang", "attack")
    await county.deliver()
    (told,) = heard_by(county, "sun")
    assert told == words().say("zh_Hans", "attack.flood", who=wang.name)
    county.now += timedelta(hours=1)
    await flooded(county.desk, "test:wang", "attack")
    await county.deliver()
    assert len(heard_by(county, "sun")) == 2


async def test_of_a_stranger_or_a_family_the_county_hears_of_an_account(county: County) -> None:
    await flooded(county.desk, "test:granny", "attack")
    await county.deliver()
    (told,) = heard_by(county, "sun")
    assert told.startswith("有一个账号")
