"""Every word can be read: WCAG AA, 4.5 to 1, in the dark and in the light, dimmed or not, with 256 colours too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.color import ColorSystem
from rich.color_triplet import ColorTriplet
from rich.segment import Segment

from tests.ui.evening import EVENING, busy_evening
from tests.ui.rig import Rig
from tests.ui.test_board_screen import IDS, four_orders
from tests.ui.test_pictures import Scenario, badly_ended, faulty, helped, live, reconnecting

MakeRig = Callable[..., Rig]

FRAMES = set("╭╮╰╯─│━╌◆▃▁▔▂▄▅▆▇█ \n")
"""What carries no words."""


def luminance(colour: ColorTriplet) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(segment: Segment, colours: ColorSystem) -> float:
    """Of a piece of the screen, on a terminal that shows `colours`."""
    assert segment.style is not None
    assert segment.style.color is not None
    assert segment.style.bgcolor is not None
    one, other = (
        luminance(colour.downgrade(colours).get_truecolor()) for colour in (segment.style.color, segment.style.bgcolor)
    )
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("colours", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT], ids=["16 million", "256"])
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(
    ("scenario", "ids"),
    [
        (live, ("A1",)),
        (reconnecting, ("A1",)),
        (badly_ended, ("A1",)),
        (helped, ("A1",)),
        (faulty, ("A1",)),
        (four_orders, IDS),
        (busy_evening, EVENING),
    ],
)
async def test_every_word_stands_out(
    rig: MakeRig, theme: str, scenario: Scenario, ids: tuple[str, ...], colours: ColorSystem
) -> None:
    it = rig(*ids, demo=True, theme=theme)
    async with it.run(100, 40):
        await scenario(it)
        faint = [
            (segment.text, round(contrast(segment, colours), 2))
            for row in it.strips()
            for segment in row
            if not set(segment.text) <= FRAMES and contrast(segment, colours) < 4.5
        ]
    # What shines through from behind the help is not there to be read.
    assert not faint or scenario is helped, faint
