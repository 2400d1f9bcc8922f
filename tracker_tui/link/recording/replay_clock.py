"""The clock of a replay: it can be paused, and moved to any time of the recording."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from datetime import datetime, timedelta

from tracker_tui.link.recording.format import Recording

_ROUNDING_ERROR = 1e-6
"""Seconds below which a difference of two times is no difference."""


class ReplayClock:
    """The clock of a replay, from the first line of the recording to its last.

    Args:
        recording: The recording.
        speed: Seconds of the recording that pass in one second.

    Attributes:
        is_paused: Whether it stands still until `resume`.
    """

    def __init__(self, recording: Recording, speed: float = 1.0) -> None:
        self.is_paused = False
        self._recording = recording
        self._speed = speed
        self._times = [record.mono for record in recording.records]
        self._shown = self._times[0]
        self._running_since: float | None = None
        self._is_started = False
        self._changed = asyncio.Event()

    @property
    def start_time(self) -> float:
        """The time of the first line."""
        return self._times[0]

    @property
    def end_time(self) -> float:
        """The time of the last line."""
        return self._times[-1]

    def nearest(self, time: float) -> float:
        """Return a time within the recording; that of a line, if only a rounding error is between."""
        time = min(max(time, self.start_time), self.end_time)
        following = self._times[min(bisect_right(self._times, time), len(self._times) - 1)]
        return following if 0 < following - time < _ROUNDING_ERROR else time

    def start(self) -> None:
        """Start the clock, if it is not running or paused."""
        if not self._is_started:
            self._is_started = True
            self._run()

    def time(self) -> float:
        """Return the seconds since the start of the recording."""
        if self._running_since is None:
            return self._shown
        played = (asyncio.get_running_loop().time() - self._running_since) * self._speed
        return min(self._shown + played, self.end_time)

    def wall(self) -> datetime:
        """Return the wall time in the recording."""
        now = self.time()
        record = self._recording.records[max(0, bisect_right(self._times, now) - 1)]
        return record.at + timedelta(seconds=now - record.mono)

    def pause(self) -> None:
        """Stop the clock."""
        self.is_paused = True
        self.show(self.time())

    def resume(self) -> None:
        """Let the clock run again."""
        self.is_paused = False
        self._run()

    def show(self, time: float) -> None:
        """Show a time, and stand still until `move`, `resume` or `start`."""
        self._shown, self._running_since = time, None
        self._changed.set()

    def move(self, time: float) -> None:
        """Show a time, and run from there unless paused."""
        self.show(time)
        self._run()

    def wake(self) -> None:
        """End the present `reach` and `change`."""
        self._changed.set()

    async def reach(self, time: float) -> bool:
        """Wait until the clock shows `time`; return False if it was paused, resumed, moved or woken before."""
        self._changed.clear()
        left = (time - self.time()) / self._speed
        if left <= 0:
            # Even without a wait, let other tasks run.
            await asyncio.sleep(0)
            return not self._changed.is_set() and self._correct(time)
        try:
            async with asyncio.timeout(None if self._running_since is None else left):
                await self._changed.wait()
        except TimeoutError:
            return self._correct(time)
        return False

    async def change(self) -> None:
        """Wait until the clock is paused, resumed, moved or woken."""
        self._changed.clear()
        await self._changed.wait()

    def _correct(self, time: float) -> bool:
        """Show exactly `time` if only a rounding error is between; return True."""
        if self._running_since is not None and abs(self.time() - time) < _ROUNDING_ERROR:
            self._shown, self._running_since = time, asyncio.get_running_loop().time()
        return True

    def _run(self) -> None:
        if self._is_started and not self.is_paused:
            self._running_since = asyncio.get_running_loop().time()
        self._changed.set()
