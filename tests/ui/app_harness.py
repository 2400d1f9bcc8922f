"""A harness for the app: a fake feed, a demo that records its calls, and access to the screen."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, tzinfo
from types import TracebackType
from typing import Any, Self

import pytest
from textual.events import Key
from textual.filter import NoColor
from textual.geometry import Size
from textual.pilot import Pilot

from tests.support.clocks import SetClock
from tests.support.feeds import ViewScript
from tests.ui.recording_demo import RecordingDemo
from tests.ui.screen_reader import ScreenReader
from tracker_tui.domain.command import Verb
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.overlay import PendingCommand, PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import (
    Change,
    Counters,
    Coverage,
    FeedEnded,
    LinkChanged,
    LinkState,
    Noted,
    OrderChanged,
    OrderForgotten,
    Phase,
    Standing,
    Topic,
)
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.feed_protocol import ReplayControls
from tracker_tui.ui.app import TrackerApp
from tracker_tui.wire.messages import Problem


class FakeFeed:
    """A feed that emits the changes of a test, with the attributes of `OrderFeed`."""

    def __init__(self, order_ids: Sequence[str]) -> None:
        self.clock: Clock = SystemClock()
        self.order_ids = tuple(order_ids)
        self.views = {order_id: OrderView(order_id) for order_id in order_ids}
        self.link = LinkState(Phase.CONNECTING, "websocket", down_at=0.0)
        self.counters = Counters()
        self.refused: dict[str, Problem] = {}
        self.listed = False
        self.replay: ReplayControls | None = None
        self.coverage = Coverage(len(self.order_ids), len(self.order_ids))
        self.heard_at: float | None = None
        self.rtt: float | None = None
        self.user: str | None = None
        self.reconnects = self.wakes = 0
        self.full: set[str] = set()
        self.sent_commands: list[tuple[str, Verb, str | None]] = []
        self.is_closed = False
        self._removed: dict[str, OrderView] = {}
        self._pending_commands: dict[str, PendingCommands] = {}
        self.entered = self.left = self.idle = False
        self._changes: asyncio.Queue[Change | BaseException | None] = asyncio.Queue()
        self._standings: dict[str, Standing] = {}

    def standing(self, order_id: str) -> Standing:
        """Return the last emitted standing."""
        return self._standings.get(order_id, Standing.WAITING)

    def pending_commands(self, order_id: str) -> PendingCommands:
        """Return the last emitted pending commands."""
        return self._pending_commands.get(order_id, ())

    def send(self, order_id: str, verb: Verb, text: str | None = None) -> str:
        """Record a command; raise `FeedEnded` if the feed is closed."""
        if self.is_closed:
            raise FeedEnded
        self.sent_commands.append((order_id, verb, text))
        return f"00000000-0000-4000-8000-{len(self.sent_commands):012}"

    def add(self, order_ids: Iterable[str]) -> tuple[str, ...]:
        """Watch more orders, a removed one with the view that it had, except those in `full`."""
        order_ids = tuple(order_ids)
        for order_id in order_ids:
            if order_id not in {*self.views, *self.full}:
                view = self._removed.pop(order_id, OrderView(order_id))
                self.emit(OrderChanged(order_id, view, Standing.WAITING))
        self.order_ids = tuple(self.views)
        return tuple(order_id for order_id in order_ids if order_id in self.full)

    def remove(self, order_id: str) -> bool:
        """Stop watching an order, unless it has an open command."""
        if any(pending.is_open for pending in self.pending_commands(order_id)):
            return False
        if order_id in self.views:
            self._removed[order_id] = self.views.pop(order_id)
        self.order_ids = tuple(self.views)
        self.emit(OrderForgotten(order_id))
        return True

    def reconnect(self) -> None:
        """Count the call."""
        self.reconnects += 1

    def wake(self) -> None:
        """Count the call."""
        self.wakes += 1

    def emit(self, change: Change | BaseException | None) -> None:
        """Yield a change, raise an error, or with None end."""
        match change:
            case OrderChanged():
                self.views[change.order_id] = change.view
                self._standings[change.order_id] = change.standing
                self._pending_commands[change.order_id] = change.pending_commands
            case LinkChanged():
                self.link = change.link
            case _:
                pass
        self.idle = False
        self._changes.put_nowait(change)

    async def __aenter__(self) -> Self:
        self.entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A real feed closes its connection here, and a cancelling task has to wait for it.
        for _ in range(10):
            await asyncio.sleep(0)
        self.left = self.idle = True

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        self.idle = self._changes.empty()
        change = await self._changes.get()
        if change is None:
            raise StopAsyncIteration
        if isinstance(change, BaseException):
            raise change
        return change


class AppHarness(ScreenReader[TrackerApp]):
    """An app with its feed, its clock and its screen."""

    def __init__(self, clock: SetClock, order_ids: Sequence[str], *, demo: bool, zone: tzinfo, **options: Any) -> None:
        self.clock = clock
        self.story = ViewScript()
        self.feed = FakeFeed(order_ids)
        self.feed.clock = clock
        self.demo = RecordingDemo() if demo else None
        options.setdefault("quiet", True)
        super().__init__(TrackerApp(order_ids, self._open, demo=self.demo, clock=clock, zone=zone, **options))
        self.on_open: Callable[[], object] = lambda: None

    @asynccontextmanager
    async def run(self, width: int = 80, height: int = 24) -> AsyncIterator[Pilot[int]]:
        """Run the app inside the block, with an open feed."""
        async with self.app.run_test(size=(width, height)) as pilot:
            self.attach(pilot)
            await self.wait_until(lambda: self.feed.entered)
            yield pilot

    async def settle(self) -> None:
        """Wait until the app has processed all changes and keys."""
        assert self._pilot is not None
        await self.wait_until(lambda: self.feed.idle)
        await self._pilot.pause(0)
        await self.wait_until(lambda: self.app._repaint_timer is None)
        await self._pilot.pause(0)

    async def resize(self, width: int, height: int) -> None:
        """Resize the terminal, and lay out the screens behind a dialog at once, which Textual does some time later."""
        assert self._pilot is not None
        await self._pilot.resize_terminal(width, height)
        await self.settle()
        for screen in self.app.screen_stack[:-1]:
            screen._refresh_layout(Size(width, height))
        await self.settle()

    def picture(self) -> str:
        """Return the screen as SVG, without the random ids of its styles."""
        return re.sub(r"terminal-\d+", "terminal", self.app.export_screenshot(title="tracker-tui"))

    async def remove_colours(self) -> None:
        """Show the screen as with NO_COLOR: the terminal's theme, and Textual's filter."""
        self.app.no_color = True
        self.app.theme = "tracker-terminal"
        self.app._filters.append(NoColor())
        self.app.refresh_css()
        await self.settle()

    async def go_live(self, **link: object) -> None:
        """Emit a live link."""
        self.feed.heard_at = self.clock.time()
        await self.set_link(Phase.LIVE, connected_at=self.clock.time(), **link)

    async def set_link(self, phase: Phase, **fields: object) -> None:
        """Emit a link in a phase."""
        transport = str(fields.pop("transport", "websocket"))
        self.feed.emit(LinkChanged(LinkState(phase, transport, **fields)))  # type: ignore[arg-type]
        await self.settle()

    async def receive(self, *messages: Event | Snapshot, standing: Standing = Standing.IN_SYNC) -> None:
        """Emit the views after some messages."""
        for message in messages:
            self.feed.emit(self.story.change_for(message, standing))
        await self.settle()

    async def receive_pending(self, *pending_commands: PendingCommand, order_id: str = "A1") -> None:
        """Emit an order's pending commands."""
        standing = self.feed.standing(order_id)
        self.feed.emit(OrderChanged(order_id, self.feed.views[order_id], standing, (), pending_commands))
        await self.settle()

    async def receive_note(self, text: str, topic: Topic = Topic.LINK, order_id: str | None = None) -> None:
        """Emit a line for the event log."""
        self.feed.emit(Noted(self.clock.wall(), topic, text, order_id))
        await self.settle()

    async def refuse(
        self, order_id: str, code: str = "order_not_found", detail: str = "there is no such order"
    ) -> None:
        """Emit that the server refuses an order."""
        self.feed.refused[order_id] = Problem(code, detail, order_id)
        self.feed.emit(OrderChanged(order_id, self.feed.views[order_id], Standing.REFUSED))
        await self.settle()

    async def tick_at(self, seconds: float) -> None:
        """Set the clock to `seconds` after the start, and tick."""
        self.clock.seconds = seconds
        self.app.tick()
        await self.settle()

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until they are processed."""
        assert self._pilot is not None
        await self._pilot.press(*keys)
        await self.settle()

    def type_ahead(self, *keys: str) -> None:
        """Press keys before the app processes any of them."""
        for key in keys:
            self.app.post_message(Key(key, key if len(key) == 1 else {"slash": "/"}.get(key)))

    async def _open(self) -> FakeFeed:
        self.on_open()
        return self.feed


def make_harness(
    clock: SetClock, *order_ids: str, demo: bool = False, everything: bool = False, **options: Any
) -> AppHarness:
    """Return an app over a fake feed, in UTC; by default it watches A1."""
    ids = order_ids or (() if everything else ("A1",))
    return AppHarness(clock, ids, demo=demo, zone=UTC, everything=everything, **options)


def fix_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the influence of the real clock and of this machine's terminal."""
    # Without the pauses of the frame limiter.
    monkeypatch.setattr("tracker_tui.ui.terminal.frame_limiter.MAX_INTERVAL", 0.0)
    # Tests set the time; on a slow machine a tick of the real clock would come in between.
    monkeypatch.setattr("tracker_tui.ui.app.TICK", 3_600.0)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


def keep_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show notices for an hour: on a slow machine, one would disappear before its picture is taken."""
    monkeypatch.setattr("tracker_tui.ui.handlers.base.NOTICE_SECONDS", 3_600.0)
