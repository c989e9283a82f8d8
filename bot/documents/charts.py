"""The figures of an area as a picture: shares as filled bars, counts below them."""

import io
from collections.abc import Sequence

from matplotlib.axes import Axes

from bot.charts import drawing, write_png
from conversations.press import Bar, Chart

_FULL, _DONE, _COUNT = "#e3e8ec", "#2f6f8f", "#8a9bb0"
_LINE = 0.42  # inches for each bar


def picture(chart: Chart) -> bytes:
    """The PNG. Raises `NoChineseFont` where it would be unreadable."""
    panels = [(head, bars) for head, bars in _panels(chart) if bars]
    lines = [max(len(bars), 1) for _, bars in panels] or [1]
    with drawing(
        chart.language, width=chart.width, height=1.6 + _LINE * sum(lines) + 0.5 * len(lines)
    ) as figure:
        figure.suptitle(f"{chart.title}\n{chart.as_of}", fontsize=12, linespacing=1.5)
        axes = figure.subplots(len(lines), 1, squeeze=False, height_ratios=lines)
        for (place,), (head, bars) in zip(axes, panels, strict=True) if panels else ():
            _panel(place, head, bars)
        if not panels:
            axes[0][0].set_axis_off()
        out = io.BytesIO()
        write_png(figure, out)
    return out.getvalue()


def _panels(chart: Chart) -> tuple[tuple[str, Sequence[Bar]], ...]:
    return (chart.share_head, chart.shares), (chart.count_head, chart.counts)


def _panel(axes: Axes, head: str, bars: Sequence[Bar]) -> None:
    """A line for each bar, in the order given: nobody is ranked."""
    axes.set_title(head, fontsize=11, loc="left")
    heights = [len(bars) - n for n in range(len(bars))]
    shares = any(bar.whole is not None for bar in bars)
    values = [100 * bar.count / bar.whole if bar.whole else bar.count for bar in bars]
    if shares:
        axes.barh(heights, [100] * len(bars), 0.6, color=_FULL)
    drawn = axes.barh(heights, values, 0.6, color=_DONE if shares else _COUNT)
    texts = [f"{bar.count:,}/{bar.whole:,}" if bar.whole is not None else f"{bar.count:,}" for bar in bars]
    if shares:
        for height, text in zip(heights, texts, strict=True):
            axes.text(102, height, text, va="center", fontsize=9)
        axes.set_xlim(0, 122)
    else:
        axes.bar_label(drawn, texts, padding=3, fontsize=9)
        axes.margins(x=0.15)
    axes.set_yticks(heights, [bar.label for bar in bars])
    axes.set_xticks([])
    axes.tick_params(left=False)
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
