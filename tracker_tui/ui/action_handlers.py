"""The user's hands: what they ask of an order goes from here to the feed, once they mean it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import App

from tracker_tui.domain.command import Verb
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import FeedEnded, Phase
from tracker_tui.ui.model.ports import Feed


class ActionHandlers:
    """Asks the user first, then the gateway.

    Args:
        app: Where the questions are put.
        feed: Gives the feed, once it is there.
        complain: Shows for a while why something was not sent.
        sent: Called when something was sent.
    """

    def __init__(
        self,
        app: App[int],
        feed: Callable[[], Feed | None],
        *,
        complain: Callable[[str], None],
        sent: Callable[[], None],
    ) -> None:
        self._app = app
        self._feed = feed
        self._complain = complain
        self._sent = sent

    def note(self, order_id: str) -> None:
        """Have a note written, and add it to the order's history; nobody writes one that can't be sent any more."""
        if self._is_over(order_id):
            return
        from tracker_tui.ui.screens.prompts import NoteScreen  # noqa: PLC0415 - the first paint waits for no other screen

        self._app.push_screen(NoteScreen(order_id), partial(self._noted, order_id))

    def cancel(self, order_id: str) -> None:
        """Cancel the order, if the user is sure; what was asked and is not decided is not asked once more."""
        if self._is_over(order_id):
            return
        feed = self._feed()
        asked = feed.pending_commands(order_id) if feed is not None else ()
        if any(pending.is_open and pending.command.command is Verb.CANCEL for pending in asked):
            self._complain(f"Not sent: to cancel {order_id} is asked already, and not decided yet.")
            return
        from tracker_tui.ui.screens.prompts import CancelScreen  # noqa: PLC0415 - as above

        self._app.push_screen(CancelScreen(order_id), partial(self._sure, order_id))

    def _is_over(self, order_id: str) -> bool:
        """Say so where nothing can be asked any more: without a stream no event would tell what came of it."""
        feed = self._feed()
        match feed.link.phase if feed is not None else None:
            case Phase.FINAL:
                why = "every order here has ended, so the connection is closed. Copy and Export still work."
            case Phase.FAILED | Phase.CLOSED:
                reason = f" ({sanitize(feed.link.reason)})" if feed is not None and feed.link.reason else ""
                why = f"the connection is closed for good{reason}. Start anew to ask for something."
            case _:
                return False
        self._complain(f"Nothing can be asked of {order_id} any more: {why}")
        return True

    def _noted(self, order_id: str, text: str | None) -> None:
        if text is not None:
            self._send(order_id, Verb.NOTE, text)

    def _sure(self, order_id: str, sure: bool | None) -> None:
        if sure:
            self._send(order_id, Verb.CANCEL, None)

    def _send(self, order_id: str, verb: Verb, text: str | None) -> None:
        feed = self._feed()
        if feed is None:
            self._complain("Not sent: there is no connection to send it over yet; try again in a moment.")
            return
        try:
            feed.send(order_id, verb, text)
        except FeedEnded:
            self._complain("Not sent: the connection is closed for good; start anew to ask for something.")
        else:
            self._sent()
