"""The interface that front ends use of a feed, live or replayed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, Counters, Coverage, LinkState, Standing
from tracker_tui.link.clock import Clock

if TYPE_CHECKING:
    # At run time it would load pydantic before the first paint.
    from tracker_tui.wire.messages import Problem


class ReplayControls(Protocol):
    """Pauses and moves a replay."""

    @property
    def is_paused(self) -> bool:
        """Whether the replay's clock stands still until `resume`."""

    @property
    def is_seeking(self) -> bool:
        """Whether changes are yielded that happened before the time that was sought."""

    def pause(self) -> None:
        """Stop the replay's clock."""

    def resume(self) -> None:
        """Let the replay's clock run again."""

    def seek(self, seconds: float) -> None:
        """Move the replay by seconds of its recording, back if they are negative, within its start and end."""


class Feed(Protocol):
    """A running feed; entering it connects, leaving it closes within 2 s.

    `OrderFeed` and `ReplayFeed` are the implementations. Iterating yields changes until the feed has ended.
    """

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The watched orders, including refused ones."""

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order, by id."""

    @property
    def refused(self) -> Mapping[str, Problem]:
        """The orders that the server refused permanently, with its reason."""

    @property
    def coverage(self) -> Coverage:
        """The number of watched orders, and of those that should be watched."""

    @property
    def listed(self) -> bool:
        """Whether the server's list of open orders was read; always False for a feed without one."""

    @property
    def link(self) -> LinkState:
        """The state of the connection."""

    @property
    def counters(self) -> Counters:
        """Counts of what happened since the start."""

    @property
    def clock(self) -> Clock:
        """The clock on which the feed's times are."""

    @property
    def replay(self) -> ReplayControls | None:
        """The controls of a replay; None for a live feed."""

    @property
    def heard_at(self) -> float | None:
        """When the last byte arrived, in seconds on `clock`; None before the first."""

    @property
    def user(self) -> str | None:
        """The user that the token names, to show it; not verified, not sanitized. None if unknown."""

    @property
    def rtt(self) -> float | None:
        """Round-trip time of the last ping, in seconds; None without an answered ping."""

    def standing(self, order_id: str) -> Standing:
        """Return the standing of an order."""

    def pending_commands(self, order_id: str) -> PendingCommands:
        """Return the commands of an order that are open or were settled recently."""

    def send(self, order_id: str, verb: Verb, text: str | None = None) -> str:
        """Send a command for a watched order; return the command's id.

        Raises:
            ValueError: The text is missing or too long.
            FeedEnded: The feed has ended, or does not watch the order.
        """

    def add(self, order_ids: Iterable[str]) -> tuple[str, ...]:
        """Watch more orders, also ones that have ended; after the end, start a new session in the same feed.

        An order that is watched already is ignored, unless the server refused it: then it is requested again.

        Returns:
            The orders that were not added: more than 1,000 would be watched, the feed was closed, or it is a replay.

        Raises:
            ValueError: One of them is not an order id; then none is added.
        """

    def remove(self, order_id: str) -> bool:
        """Stop watching an order; it comes back only if it is added again, with the view that it had.

        Returns:
            Whether it was removed. An order with an open command is kept, because its result is not known yet.
        """

    def reconnect(self) -> None:
        """Open a new connection now."""

    def wake(self) -> None:
        """Check the connection now, after the process or the machine was suspended."""

    async def __aenter__(self) -> object:
        """Start connecting."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None:
        """Close the feed."""

    def __aiter__(self) -> AsyncIterator[Change]:
        """Return the changes, as they happen."""
