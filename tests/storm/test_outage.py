"""Three days away, and how the bot catches up: the short form of a row of `make bench`."""

from pathlib import Path

from tests.bench.outage import caught_up


async def test_after_three_days_open_alerts_go_first_and_what_fell_due_is_one_message_each(
    tmp_path: Path,
) -> None:
    """Twenty workers with four visits each, eleven officers, five open alerts, at Telegram's own pace."""
    shown = await caught_up(
        f"sqlite:///{tmp_path}/county.db", workers=20, visits=4, alerts=5, folder=tmp_path, core=None,
        quiet=2.0,
    )  # fmt: skip
    assert (shown.alerts, shown.missing) == (5, 0)
    assert shown.before_alerts == 0
    assert shown.most == 1  # all that fell due, and that we were away
    assert shown.messages == 20 + 11 + 5
    assert shown.messages <= 5 + 25 * (shown.seconds + 1)  # our pace: below Telegram's "about 30 a second"
    assert shown.fullest <= 30 + 8  # those on their way at a time may arrive together on a busy machine
