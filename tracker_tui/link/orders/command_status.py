"""What was asked of the orders of a feed, and what came of it: the one place where wishes change and are told of."""

from __future__ import annotations

from collections.abc import Callable

from tracker_tui.domain import overlay
from tracker_tui.domain.command import Command
from tracker_tui.domain.overlay import Fate, Wish, Wishes
from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import Outbox
from tracker_tui.link.changes import Noted, Topic
from tracker_tui.link.clock import Clock

_MOST_QUOTED = 60


class WishList:
    """The wishes of every order, oldest first."""

    def __init__(self, clock: Clock, outbox: Outbox) -> None:
        self._clock = clock
        self._outbox = outbox
        self._wishes: dict[str, Wishes] = {}
        self._reopened: list[str] = []

    def of(self, order_id: str) -> Wishes:
        """What was asked of an order and is open, or was decided not long ago."""
        return self._wishes.get(order_id, ())

    @property
    def any_open(self) -> bool:
        """Whether anything is still to be decided; a feed doesn't end before (PROTOCOL §7)."""
        return any(wish.is_open for wishes in self._wishes.values() for wish in wishes)

    def find(self, order_id: str, command_id: str) -> Wish | None:
        """One wish."""
        return next((wish for wish in self.of(order_id) if wish.command.command_id == command_id), None)

    def ask(self, order_id: str, command: Command) -> None:
        """Write down a new wish."""
        now = self._clock.wall()
        self._wishes[order_id] = (*overlay.shown(self.of(order_id), now), Wish(command, now))
        self._note(order_id, f"{command.command} asked{f': {quoted(command.text)}' if command.text else ''}")

    def change(self, order_id: str, command_id: str, to: Callable[[Wish], Wish]) -> None:
        """Take in what became of a wish."""
        wishes = self.of(order_id)
        self._set(order_id, tuple(to(wish) if wish.command.command_id == command_id else wish for wish in wishes))

    def forget(self, order_id: str) -> None:
        """Drop what was asked of an order: it is decided."""
        self._wishes.pop(order_id, None)

    def learn(self, view: OrderView) -> bool:
        """Hold the wishes of an order against its newest view; True if that decided anything."""
        wishes = self.of(view.order_id)
        learnt = overlay.learn(wishes, view, self._clock.wall()) if wishes else wishes
        if any(new.again and not old.again for old, new in zip(wishes, learnt, strict=True)):
            self._reopened.append(view.order_id)
        self._set(view.order_id, learnt)
        return learnt is not wishes

    def reopened(self) -> list[str]:
        """The orders of which, since this was last asked, the server's new log has lost something that was asked."""
        reopened, self._reopened = self._reopened, []
        return reopened

    def _set(self, order_id: str, wishes: Wishes) -> None:
        before = self.of(order_id)
        if wishes == before:
            return
        self._wishes[order_id] = wishes
        for old, new in zip(before, wishes, strict=True):
            if (text := _news(old, new)) is not None:
                self._note(order_id, f"{new.command.command} {text}")

    def _note(self, order_id: str, text: str) -> None:
        self._outbox.put(Noted(self._clock.wall(), Topic.COMMAND, text, order_id))


def quoted(text: str) -> str:
    """A text as a quotation, cut where it is long."""
    return f"“{text if len(text) <= _MOST_QUOTED else f'{text[:_MOST_QUOTED]}…'}”"


def _news(old: Wish, new: Wish) -> str | None:
    """What a change of a wish means to people; None where nothing is to be said of it."""
    if new.fate is old.fate:
        # Each try may fail in its own way: that it is not through is said once.
        return f"not sent yet: {new.reason}" if new.reason and not old.reason else None
    match new.fate:
        case Fate.UNCONFIRMED:
            return f"unconfirmed: {new.reason}; asking again under the same id"
        case Fate.CONFIRMED:
            late = " after all" if old.fate is Fate.REFUSED else ""
            return f"confirmed{late}, seq {new.version.seq if new.version else '?'}"
        case Fate.REFUSED:
            return f"refused: {new.reason}"
        case Fate.UNSEEN:
            return "accepted, says the server; it is not in the history that is held"
        case _:
            return None
