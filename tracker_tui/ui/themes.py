"""The two palettes: calm, and readable (WCAG AA) in the dark and in the light."""

from __future__ import annotations

from textual.theme import Theme

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
        "block-cursor-background": "#33507a",
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
        "text-success": "#0c4a20",
        "text-warning": "#5a3a00",
        "text-error": "#8a1520",
        "block-cursor-background": "#c9dbf2",
        "block-cursor-foreground": "#101722",
    },
)
