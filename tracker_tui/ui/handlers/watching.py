"""Actions that change which orders are watched: add and open, remove, undo."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import tzinfo
from functools import partial

from tracker_tui.domain.order_ids import OrderIdInput, parse_order_ids
from tracker_tui.domain.order_url import server_host
from tracker_tui.link.changes import Change, OrderChanged, Standing
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.link.http.server import MAX_ORDERS
from tracker_tui.ui.handlers.feed import FeedHandlers
from tracker_tui.ui.handlers.screens import ScreenHandlers
from tracker_tui.ui.messages import OrderChosen, OrderShown, StateChanged, SuggestionTaken
from tracker_tui.ui.model.ports import Demo
from tracker_tui.ui.model.scene import TrackedOrder, suggest_order
from tracker_tui.ui.model.styles import refusal_text
from tracker_tui.ui.model.watching import drop_orders, hide_order, nearest_order, order_pages, show_orders, unwatched
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.screens.order import OrderScreen
from tracker_tui.wording.names import counted

LoadCached = Callable[[Sequence[str]], Awaitable[None]]
"""Shows the views of an earlier session of some orders."""


class WatchingHandlers(ScreenHandlers, FeedHandlers):
    """The actions that add orders to the feed and remove them; the arguments are those of `HandlerBase`."""

    _has_board: bool
    """Whether the board is at the bottom of the screens; once it is, it stays."""
    _load_cached: LoadCached | None = None
    """Called with the added orders."""

    def __init__(self, theme: str | None, *, demo: Demo | None, server: str, zone: tzinfo | None) -> None:
        super().__init__(theme, demo=demo, server=server, zone=zone)
        self._removed: dict[str, TrackedOrder | None] = {}
        self._waiting: dict[str, None] = {}
        self._unanswered: set[str] = set()

    @abstractmethod
    def make_board(self) -> PaintedScreen:
        """Return a new board."""

    def action_add(self) -> None:
        """Ask for order ids, and open the order, or show the orders on the board."""
        from tracker_tui.ui.screens.add import AddScreen  # noqa: PLC0415 - not needed for the first paint

        self.push_screen(AddScreen(self._parse, lambda order_id: nearest_order(self._state, order_id)), self._confirm)

    def action_remove(self) -> None:
        """Remove the selected order, until it is added again."""
        screen = next(self.visible_screens(), None)
        order_id = screen.selected_order_id if screen is not None else None
        if order_id is None:
            return
        if self.feed is not None and not self.feed.remove(order_id):
            self.announce(f"{order_id} is kept until its pending command is answered.", is_warning=True)
            return
        order = self._state.orders.get(order_id)
        self._removed[order_id] = None if order is None else unwatched(order, self._instant())
        self._hide(order_id)
        self.announce(f"{order_id} removed: {self._key_of('undo')} undoes")

    def action_undo(self) -> None:
        """Bring back the order that was removed last."""
        if not self._removed:
            self.announce("No order was removed.")
            return
        for order_id in self._watch([next(reversed(self._removed))]):
            self._select(order_id)
            self.announce(f"{order_id} is back")

    def on_order_chosen(self, message: OrderChosen) -> None:
        """Open an order over the board."""
        self.push_screen(OrderScreen(message.order_id, self.available_actions(), message.order_ids))

    def on_order_shown(self, message: OrderShown) -> None:
        """Move the board's cursor to the order, so that the user finds it there on the way back."""
        self._select(message.order_id)

    def on_suggestion_taken(self, message: SuggestionTaken) -> None:
        """Open the order that was meant, in place of the refused one."""
        if self.feed is None or self.feed.remove(message.refused):
            self._hide(message.refused)
        self._open(message.order_id)

    def _parse(self, text: str) -> OrderIdInput:
        return parse_order_ids(text, host=server_host(self._server), links=order_pages(self._state))

    def _confirm(self, parsed: OrderIdInput | None) -> None:
        """Add the orders; ask first if there are many."""
        from tracker_tui.ui.screens.add import CONFIRM_ABOVE, ConfirmScreen  # noqa: PLC0415 - as above

        if parsed is None:
            return
        if len(parsed.order_ids) > CONFIRM_ABOVE:
            question = ConfirmScreen(parsed.order_ids, parsed.ignored)
            self.push_screen(question, partial(self._add_if, parsed))
        else:
            self._add_if(parsed, True)

    def _add_if(self, parsed: OrderIdInput, is_confirmed: bool | None) -> None:
        """Watch the orders, then open the only one, or show the board."""
        if not is_confirmed:
            return
        known = len(self._state.orders.keys() & set(parsed.order_ids))
        added = self._watch(parsed.order_ids)
        if len(parsed.order_ids) == 1:
            for order_id in added:
                self._open(order_id)
        elif added:
            self._show_board()
            self._select(added[0])
            if len(added) == len(parsed.order_ids):
                self.announce(_added_text(len(added) - known, known, len(parsed.ignored)))

    def _watch(self, order_ids: Sequence[str]) -> list[str]:
        """Watch orders, and return those that are watched now; announce if there are too many."""
        if self._paused is not None:
            self.toggle_pause()
        added = [order_id for order_id in order_ids if order_id not in self._state.orders]
        self._unanswered.update(added)
        if added and self._load_cached is not None:
            self.run_worker(self._load_cached(added), name="load-cached")
        self._state = show_orders(self._state, {each: self._removed.pop(each, None) for each in order_ids})
        self.post_message(StateChanged())
        if self.feed is None:
            # They are added as soon as the feed is open.
            self._waiting |= dict.fromkeys(order_ids)
            return list(order_ids)
        rejected = self._add_to(self.feed, order_ids)
        return [order_id for order_id in order_ids if order_id not in rejected]

    def _feed_opened(self, feed: Feed) -> None:
        for order_id in self._state.hidden:
            feed.remove(order_id)
        self._add_to(feed, self._waiting)
        self._waiting = {}

    def _apply(self, change: Change, feed: Feed) -> None:
        """Apply a change; announce that the server refuses an added order, unless its screen shows that."""
        super()._apply(change, feed)
        if not isinstance(change, OrderChanged) or change.standing is Standing.WAITING:
            return
        is_awaited = change.order_id in self._unanswered
        self._unanswered.discard(change.order_id)
        order = self._state.orders.get(change.order_id)
        is_shown = _shows(next(self.visible_screens(), None), change.order_id)
        if is_awaited and not is_shown and order is not None and order.standing is Standing.REFUSED:
            meant = suggest_order(order, self._state.orders.values(), self._state.other_ids)
            hint = f" Did you mean {meant}?" if meant is not None else ""
            self.announce(f"{change.order_id}: {refusal_text(order.problem)}.{hint}", is_warning=True)

    def _add_to(self, feed: Feed, order_ids: Iterable[str]) -> tuple[str, ...]:
        """Add orders to the feed, and return those for which there was no room."""
        rejected = feed.add(order_ids)
        if rejected:
            self._state = drop_orders(self._state, rejected)
            what = rejected[0] if len(rejected) == 1 else f"{len(rejected):,} orders"
            remove = self._key_of("remove")
            self.announce(
                f"{what} not added: at most {MAX_ORDERS:,} can be watched; {remove} removes one", is_warning=True
            )
        return rejected

    def _hide(self, order_id: str) -> None:
        """Show an order no more, neither on the board nor on a screen of its own."""
        if self._paused is not None:
            self.toggle_pause()
        self._waiting.pop(order_id, None)
        self._state = hide_order(self._state, order_id)
        self._notifier.forget(order_id)
        if self._observer is not None:
            self._observer.forget(order_id)
        while len(self.screen_stack) > 1 and _shows(self.screen, order_id):
            self.pop_screen()
        if _shows(self.screen_stack[0], order_id):
            self._show_board()
        self.post_message(StateChanged())

    def _open(self, order_id: str) -> None:
        """Open the screen of a watched order, over the board unless it is the only order."""
        if _shows(self.screen_stack[0], order_id):
            self.action_board()
            return
        self._show_board()
        self._select(order_id)
        self.on_order_chosen(OrderChosen(order_id))

    def _show_board(self) -> None:
        self.action_board()
        if not self._has_board:
            self._has_board = True
            # Textual has no way to replace the first screen of a stack; a mode has a stack of its own.
            self.add_mode("board", self.make_board)
            self.switch_mode("board")

    def _select(self, order_id: str) -> None:
        from tracker_tui.ui.screens.board import BoardScreen  # noqa: PLC0415 - one order needs no table

        board = self.screen_stack[0]
        if isinstance(board, BoardScreen):
            board.select(order_id)

    def _key_of(self, action: str) -> str:
        return next(each.key_label for each in self.available_actions() if each.name == action)


def _shows(screen: object, order_id: str) -> bool:
    return isinstance(screen, PaintedScreen) and screen.order_id == order_id


def _added_text(added: int, known: int, ignored: int) -> str:
    parts = [f"{counted(added, 'order', 'orders')} added"] if added else []
    parts += [f"{known:,} already here"] if known else []
    parts += [f"{counted(ignored, 'word', 'words')} ignored"] if ignored else []
    return ", ".join(parts)
