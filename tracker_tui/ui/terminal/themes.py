"""The themes: a dark and a light one with WCAG AA contrast, and one of the terminal's own colours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="tracker-dark",
    primary="#7aa2d6",
    secondary="#6f8fb3",
    accent="#d6a86a",
    success="#7fc08a",
    warning="#e0b060",
    error="#ec7f7f",
    foreground="#d9dee6",
    background="#14181f",
    surface="#1a1f28",
    panel="#212835",
    dark=True,
    variables={
        "text-muted": "#9aa5b5",
        "text-primary": "#8fb8ea",
        "text-success": "#8ed09a",
        "text-warning": "#e6bd76",
        "text-error": "#f49a9a",
        "block-cursor-background": "#212f47",
        "block-cursor-foreground": "#ffffff",
    },
)

LIGHT = Theme(
    name="tracker-light",
    primary="#1f5fa8",
    secondary="#4a6a8c",
    accent="#8a5a10",
    success="#1d6b36",
    warning="#7d5200",
    error="#a8222d",
    foreground="#1d2430",
    background="#f7f8fa",
    surface="#eef0f4",
    panel="#e3e7ee",
    dark=False,
    variables={
        "text-muted": "#3b4452",
        "text-primary": "#113f77",
        "text-success": "#073a16",
        "text-warning": "#5a3a00",
        "text-error": "#8a1520",
        "block-cursor-background": "#d3e1f4",
        "block-cursor-foreground": "#101722",
    },
)

TERMINAL = Theme(
    name="tracker-terminal",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_cyan",
    accent="ansi_yellow",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "text-muted": "ansi_default",
        "text-primary": "ansi_cyan",
        "text-success": "ansi_green",
        "text-warning": "ansi_yellow",
        "text-error": "ansi_red",
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-text-style": "bold reverse",
    },
)
"""The terminal's own colours, for terminals with 16 colours or none."""

THEMES = {"dark": DARK, "light": LIGHT, "terminal": TERMINAL}
"""The themes by their names in the settings."""


def choose_theme(name: str | None, colours: str | None) -> Theme:
    """Return the theme of this name; without a name, the best one for the terminal.

    Args:
        name: One of `THEMES`, or None.
        colours: Rich's name of the terminal's colours: `standard`, `256`, `truecolor`; None for no colour.
    """
    if name is not None:
        return THEMES[name]
    return DARK if colours in {"256", "truecolor"} else TERMINAL


@contextmanager
def colour_enabled(name: str | None) -> Iterator[bool]:
    """Give whether colours may be used; within the context, the environment says the same to Textual.

    NO_COLOR counts if it is set and not empty, unless the user's settings name a theme (no-color.org). Textual would
    apply it even if it is empty.
    """
    before = os.environ.get("NO_COLOR")
    enabled = name is not None or not before
    if enabled:
        os.environ.pop("NO_COLOR", None)
    try:
        yield enabled
    finally:
        if before is not None:
            os.environ["NO_COLOR"] = before
