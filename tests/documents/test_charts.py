"""The picture of the figures: a real PNG, whatever it is given, and nothing of the machine in it."""

import asyncio
import io

import pytest
from PIL import Image

from bot.charts import NoChineseFont, chinese_font
from bot.documents.press import open_press
from conversations.press import Bar, Chart, Unprintable

SHARES = (Bar(label="Signed", count=96, whole=100), Bar(label="Back at school", count=0, whole=3))
COUNTS = (Bar(label="Visits made", count=1234), Bar(label="Open alerts", count=0))


def chart(language: str = "en", shares: tuple[Bar, ...] = SHARES, counts: tuple[Bar, ...] = COUNTS) -> Chart:
    return Chart(
        title="The work in figures", as_of="1 Nov to 26 Nov", shares=shares, counts=counts, share_head="Done",
        count_head="Counts", language=language,
    )  # fmt: skip


@pytest.mark.parametrize("shares", [(), SHARES])
@pytest.mark.parametrize("counts", [(), COUNTS])
async def test_a_chart_is_a_picture_of_some_height(shares: tuple[Bar, ...], counts: tuple[Bar, ...]) -> None:
    content = await open_press().chart(chart(shares=shares, counts=counts))
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert picture.width == 1200
        assert "Software" not in picture.info


async def test_charts_of_two_people_at_once_do_not_disturb_each_other() -> None:
    press = open_press()
    alone = await press.chart(chart())
    assert set(await asyncio.gather(*(press.chart(chart()) for _ in range(3)))) == {alone}


async def test_chinese_is_drawn_or_refused_in_words_and_never_as_boxes() -> None:
    try:
        chinese_font()
    except NoChineseFont:
        with pytest.raises(Unprintable, match="font"):
            await open_press().chart(chart("zh_Hans"))
    else:
        assert await open_press().chart(chart("zh_Hans"))
