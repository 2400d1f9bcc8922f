"""Optimistic commands on top of a view: what was asked of an order, and what is known to have come of it; pure.

A wish never changes the view. It is confirmed by the milestone that bears its id, refused by the gateway's own word,
and as long as neither is there it is only a wish, whatever may have happened on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tracker_tui.domain.command import Command
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView


class Fate(StrEnum):
    """What became of a wish."""

    PENDING = "pending"
    """Nothing yet: it is under way, or can't be sent for now."""
    UNCONFIRMED = "unconfirmed"
    """It was sent, and no answer came: it may have been applied. It is asked again under the same id."""
    ACCEPTED = "accepted"
    """The gateway says that it applied it; the milestone is still to come."""
    CONFIRMED = "confirmed"
    """Its milestone is here."""
    REFUSED = "refused"
    """The gateway refused it: nothing has changed."""
    UNSEEN = "unseen"
    """The gateway says that it applied it, and its milestone is not in the history that is held."""


OPEN = frozenset({Fate.PENDING, Fate.UNCONFIRMED, Fate.ACCEPTED})
"""The fates that are still to be decided."""

SHOWN_FOR = {
    Fate.CONFIRMED: timedelta(seconds=10),
    Fate.REFUSED: timedelta(seconds=90),
    Fate.UNSEEN: timedelta(seconds=90),
}
"""For how long after its end a wish is worth showing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A command that was asked here.

    Attributes:
        asked_at: When, by the wall clock.
        version: Where the gateway says that it was applied, or where its milestone was found.
        reason: Why it is not confirmed, or was refused; text from outside in it is not yet made visible.
        settled_at: When its fate was decided.
        again: Whether it was asked again since the log that it had been written to was lost.
    """

    command: Command
    asked_at: datetime
    fate: Fate = Fate.PENDING
    version: Cursor | None = None
    reason: str | None = None
    settled_at: datetime | None = None
    again: bool = False

    @property
    def is_open(self) -> bool:
        """Whether its fate is still to be decided."""
        return self.fate in OPEN

    @property
    def is_unanswered(self) -> bool:
        """Whether it is still to be asked, or asked again."""
        return self.fate in {Fate.PENDING, Fate.UNCONFIRMED}


Wishes = tuple[Wish, ...]
"""What was asked of one order, oldest first."""


def delayed(wish: Wish, reason: str) -> Wish:
    """It didn't get to the gateway this time; what an earlier try may have done is still not known."""
    return replace(wish, reason=reason) if wish.is_unanswered else wish


def lost(wish: Wish, reason: str) -> Wish:
    """It may have got to the gateway, and no answer came back."""
    return replace(wish, fate=Fate.UNCONFIRMED, reason=reason) if wish.is_unanswered else wish


def accepted(wish: Wish, version: Cursor) -> Wish:
    """The gateway says that it is in the log, which its milestone is still to show."""
    return replace(wish, fate=Fate.ACCEPTED, version=version, reason=None) if wish.is_unanswered else wish


def refused(wish: Wish, reason: str, at: datetime) -> Wish:
    """The gateway refused it."""
    return replace(wish, fate=Fate.REFUSED, reason=reason, settled_at=at) if wish.is_unanswered else wish


def learn(wishes: Wishes, view: OrderView, at: datetime) -> Wishes:
    """Hold what was asked against the newest view; `wishes` itself if nothing came of that."""
    found = _versions(view, {wish.command.command_id.lower() for wish in wishes if wish.fate is not Fate.CONFIRMED})
    learnt = tuple(_learn(wish, view, found, at) for wish in wishes)
    return wishes if learnt == wishes else learnt


def shown(wishes: Wishes, now: datetime) -> Wishes:
    """The wishes that are worth showing at the wall-clock time `now`."""
    return tuple(wish for wish in wishes if wish.settled_at is None or now - wish.settled_at < SHOWN_FOR[wish.fate])


def _learn(wish: Wish, view: OrderView, found: dict[str, Cursor], at: datetime) -> Wish:
    version = found.get(wish.command.command_id.lower())
    if version is not None:
        # Even one that was refused: a milestone says what is.
        return replace(wish, fate=Fate.CONFIRMED, version=version, reason=None, settled_at=at)
    if wish.fate is not Fate.ACCEPTED or wish.version is None or view.resume is None:
        return wish
    if view.epoch > wish.version.epoch and view.complete:
        if wish.again:
            return replace(wish, fate=Fate.UNSEEN, settled_at=at)
        reason = "the server's log began anew without it"
        return replace(wish, fate=Fate.UNCONFIRMED, reason=reason, again=True)
    if view.epoch == wish.version.epoch and wish.version.seq in view.log(view.epoch).known:
        return replace(wish, fate=Fate.UNSEEN, settled_at=at)
    return wish


def _versions(view: OrderView, command_ids: set[str]) -> dict[str, Cursor]:
    """Where the milestones that bear one of these ids are."""
    if not command_ids:
        return {}
    return {
        entry.milestone.command_id.lower(): Cursor(entry.epoch, entry.milestone.seq)
        for entry in view.history.newest_first()
        if entry.milestone.command_id is not None and entry.milestone.command_id.lower() in command_ids
    }
