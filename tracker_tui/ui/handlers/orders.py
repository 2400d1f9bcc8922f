"""Actions of the selected order: note, cancellation, copies and files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tracker_tui.domain.command import Verb
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import FeedEnded, Phase, Standing
from tracker_tui.ui.export import clipboard
from tracker_tui.ui.handlers.base import HandlerBase
from tracker_tui.ui.model.event_log import MAX_LINES
from tracker_tui.ui.model.scene import OrderScene

if TYPE_CHECKING:
    from tracker_tui.ui.screens.export import Export


class OrderHandlers(HandlerBase):
    """The actions that apply to the order on the screen or under the cursor."""

    def action_note(self) -> None:
        """Ask for a note, and add it to the history of the selected order."""
        from tracker_tui.ui.screens.prompts import NoteScreen  # noqa: PLC0415 - not needed for the first paint

        if (scene := self._selected_scene()) is not None and not self._is_closed(scene):
            order_id = scene.view.order_id
            self.push_screen(NoteScreen(order_id), partial(self._send_note, order_id))

    def action_cancel(self) -> None:
        """Cancel the selected order after a question, unless a cancellation is pending."""
        from tracker_tui.ui.screens.prompts import CancelScreen  # noqa: PLC0415 - as above

        scene = self._selected_scene()
        if scene is None or self._is_closed(scene):
            return
        order_id = scene.view.order_id
        pending_commands = self.feed.pending_commands(order_id) if self.feed is not None else ()
        if any(pending.is_open and pending.command.command is Verb.CANCEL for pending in pending_commands):
            self.announce(f"Not sent: a cancellation of {order_id} is pending.", is_warning=True)
            return
        self.push_screen(CancelScreen(order_id), partial(self._send_cancel, order_id))

    def action_copy(self) -> None:
        """Copy the sentence to say to the customer of the selected order."""
        if (scene := self._selected_scene()) is not None:
            clipboard.copy_sentence(scene, self)

    def action_ticket(self) -> None:
        """Copy the selected order as a text for a ticket."""
        if (scene := self._selected_scene()) is not None:
            clipboard.copy_ticket(scene, self)

    def action_page(self) -> None:
        """Open the page of the selected order."""
        if (scene := self._selected_scene()) is not None:
            self.run_worker(clipboard.open_page(scene, self), name="page", group="page", exclusive=True)

    def action_export(self) -> None:
        """Ask what to export, and export it."""
        from tracker_tui.ui.screens.export import ExportScreen  # noqa: PLC0415 - as above

        scene = self._selected_scene()
        order_id = scene.view.order_id if scene is not None else None
        self.push_screen(ExportScreen(order_id), partial(self._export, order_id))

    def _export(self, order_id: str | None, kind: Export | None) -> None:
        from tracker_tui.ui.export.case import export_case  # noqa: PLC0415 - as above
        from tracker_tui.ui.screens.export import Export  # noqa: PLC0415 - as above

        frame = self.current_frame()
        scene = frame.export_scene(order_id) if order_id is not None else None
        if kind is Export.PICTURE:
            # The menu must be gone from the picture.
            self.call_after_refresh(self._save_picture, order_id)
        elif kind is Export.REPORT and scene is not None:
            clipboard.save_report(scene, self)
        elif kind is Export.CASE and scene is not None:
            log = frame.state.event_log.tail(scene.view.order_id, MAX_LINES)
            export_case(scene, log, self, server=self._server)

    def _save_picture(self, order_id: str | None) -> None:
        picture = self.export_screenshot(title=self.title)
        clipboard.save_picture(order_id, self.current_frame().now, picture, self)

    def _is_closed(self, scene: OrderScene) -> bool:
        """Return whether no command can be sent for an order; announce the reason if so."""
        order_id, link = scene.view.order_id, self.feed.link if self.feed is not None else None
        phase = link.phase if link is not None else None
        if scene.standing is Standing.REFUSED:
            self.announce(f"{order_id} is not known here: notes and cancellation are not possible.", is_warning=True)
        elif phase is Phase.FINAL or not scene.accepts_commands:
            self.announce(f"{order_id} is finished: notes and cancellation are closed.", is_warning=True)
        elif phase in {Phase.FAILED, Phase.CLOSED}:
            reason = f" ({sanitize(link.reason)})" if link is not None and link.reason else ""
            self.announce(f"Disconnected{reason}. Restart tracker-tui to try again.", is_warning=True)
        else:
            return False
        return True

    def _send_note(self, order_id: str, text: str | None) -> None:
        if text is not None:
            self._send(order_id, Verb.NOTE, text)

    def _send_cancel(self, order_id: str, is_confirmed: bool | None) -> None:
        if is_confirmed:
            self._send(order_id, Verb.CANCEL, None)

    def _send(self, order_id: str, verb: Verb, text: str | None) -> None:
        """Send a command; resume a paused screen, so that the user sees the result."""
        if self.feed is None:
            self.announce("Not sent: not connected yet. Try again in a moment.", is_warning=True)
            return
        try:
            self.feed.send(order_id, verb, text)
        except FeedEnded:
            self.announce("Not sent: disconnected. Restart tracker-tui to try again.", is_warning=True)
        else:
            if self._paused is not None:
                self.toggle_pause()
