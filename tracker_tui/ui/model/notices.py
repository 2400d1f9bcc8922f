"""Notices: short messages to the user, shown in the header, where they cover neither rows nor prompts."""

from __future__ import annotations

from dataclasses import dataclass

MAX_NOTICES = 20
"""Notices that are kept; the oldest is dropped first."""


@dataclass(frozen=True, slots=True, eq=False)
class Notice:
    """One line, safe to show, and whether it is a warning."""

    text: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Notices:
    """The present notices, oldest first."""

    items: tuple[Notice, ...] = ()

    def add(self, notice: Notice) -> Notices:
        """Return the notices with a new one."""
        return Notices((*self.items, notice)[-MAX_NOTICES:])

    def remove(self, notice: Notice) -> Notices:
        """Return the notices without one whose time is over."""
        return Notices(tuple(each for each in self.items if each is not notice))

    @property
    def newest(self) -> Notice | None:
        """The notice to show: the newest; None if there is none."""
        return self.items[-1] if self.items else None

    @property
    def text(self) -> str:
        """The text to show: the newest notice, and the number of the others; empty if there is none."""
        if self.newest is None:
            return ""
        others = len(self.items) - 1
        return f"{self.newest.text}  +{others}" if others else self.newest.text


NO_NOTICES = Notices()
