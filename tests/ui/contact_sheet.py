"""Take pictures of all states of the gallery, in five sizes, dark and light, and write a page that shows them."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from functools import partial
from html import escape
from pathlib import Path

import pytest

from tests.support.clocks import SetClock
from tests.ui.app_harness import fix_surroundings, keep_notices, make_harness
from tests.ui.gallery.states import STATES, State

SIZES = ((40, 12), (80, 24), (100, 30), (160, 50), (200, 60))
THEMES = ("dark", "light")

STYLE = """
body { font: 14px sans-serif; background: #888; margin: 16px }
h2 { position: sticky; top: 0; background: #888 }
figure { display: inline-block; margin: 4px; vertical-align: top }
img { height: 360px }
"""


async def take(state: State, theme: str, folder: Path) -> list[str]:
    """Write the pictures of a state; return their names."""
    names = []
    async with state.on(partial(make_harness, SetClock()), SIZES[-1], theme=theme) as ui:
        for width, height in SIZES:
            await ui.resize(width, height)
            names.append(f"{state.name}-{theme}-{width}x{height}.svg")
            (folder / names[-1]).write_text(ui.picture())
    return names


async def take_all(states: Sequence[State], folder: Path) -> None:
    """Write the pictures of some states, and a page that shows them all."""
    page = [f"<!doctype html><meta charset=utf-8><title>tracker-tui</title><style>{STYLE}</style>"]
    for state in states:
        page.append(f"<h2>{escape(state.name)}</h2>")
        for theme in THEMES:
            for name in await take(state, theme, folder):
                page.append(
                    f"<figure><a href={name}><img src={name} alt=''></a><figcaption>{name}</figcaption></figure>"
                )
        print(state.name)
    (folder / "index.html").write_text("\n".join(page))


def main() -> None:
    """Read the arguments and take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.ui.contact_sheet", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write the pictures and index.html")
    parser.add_argument("states", nargs="*", help="only states whose name begins with one of these words")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as monkeypatch:
        fix_surroundings(monkeypatch)
        keep_notices(monkeypatch)
        states = [each for each in STATES if each.name.startswith(tuple(chosen.states or [""]))]
        asyncio.run(take_all(states, chosen.folder))


if __name__ == "__main__":
    main()
