"""Actions of a replay: pausing and moving it."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.feed_protocol import ReplayControls
from tracker_tui.ui.handlers.base import HandlerBase
from tracker_tui.ui.model.state import AppState

SEEK_SECONDS = 10.0
"""Seconds of the recording by which a key moves the replay."""


class ReplayHandlers(HandlerBase):
    """The actions that a recording has instead of a connection."""

    _state: AppState

    def action_pause(self) -> None:
        """Pause or resume the screen; in a replay, the replay."""
        controls = self._replay_controls()
        if controls is None:
            self.toggle_pause()
        elif self._state.replay is not None:
            if controls.is_paused:
                controls.resume()
            else:
                controls.pause()
            self._state = replace(self._state, replay=replace(self._state.replay, is_paused=controls.is_paused))
            self.repaint()

    def action_seek_back(self) -> None:
        """Move the replay back."""
        self._seek(-SEEK_SECONDS)

    def action_seek_forward(self) -> None:
        """Move the replay forward."""
        self._seek(SEEK_SECONDS)

    def _seek(self, seconds: float) -> None:
        # The feed yields what is to be painted.
        if (controls := self._replay_controls()) is not None:
            controls.seek(seconds)

    def _replay_controls(self) -> ReplayControls | None:
        return self.feed.replay if self.feed is not None else None
