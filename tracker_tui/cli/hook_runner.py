"""Runs the commands of ``--on``: one at a time, for edges that happen while the program runs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial

from tracker_tui.cli.hooks import Hook, HookCall, call_for, hook_environment
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change
from tracker_tui.link.clock import Clock
from tracker_tui.link.edge_watch import EdgeWatch, OrderEdges
from tracker_tui.output.watch import Report
from tracker_tui.wording.filter import Filter
from tracker_tui.wording.order_filter import OrderAt, order_matches

MAX_QUEUE = 100
"""Commands that wait. A newer one of the same order and edge replaces a waiting one; then the oldest is dropped."""

RUN_TIMEOUT = 30.0
"""Seconds after which a command is killed with its process group."""

CLOSE_TIMEOUT = 1.0
"""Seconds that commands get when the program is interrupted or the user quits the screens."""

_log = logging.getLogger(__name__)


class ReportWithHooks:
    """A report for a pipe that also passes every change to the commands."""

    def __init__(self, report: Report, runner: HookRunner, clock: Clock) -> None:
        self._report = report
        self._runner = runner
        self._clock = clock

    def lines(self, change: Change) -> Iterable[str]:
        """Return the lines of a change."""
        self._runner.on_change(change, self._clock.wall())
        return self._report.lines(change)

    def tick(self) -> Iterable[str]:
        """Return the lines of changes by time alone."""
        self._runner.tick(self._clock.wall())
        return self._report.tick()

    def forget(self, order_id: str) -> None:
        """Report nothing more about an order until its next change."""
        self._report.forget(order_id)


class HookRunner:
    """Watches the changes of a feed and runs the commands.

    Args:
        hooks: The commands.
        environ: The environment of the program.
        filter: Orders that do not match run no command.
        report_failure: Takes one line about a failed command, and the order.
        run_timeout: Seconds after which a command is killed.
        close_timeout: Seconds in which waiting commands are still run at the end.
    """

    def __init__(
        self,
        hooks: Sequence[Hook],
        environ: Mapping[str, str],
        *,
        filter: Filter | None = None,
        report_failure: Callable[[str, str], None] | None = None,
        run_timeout: float = RUN_TIMEOUT,
        close_timeout: float = RUN_TIMEOUT,
    ) -> None:
        self._hooks = hooks
        self._environ = environ
        self._report_failure = report_failure
        self._filter = filter or Filter()
        self._run_timeout = run_timeout
        self._close_timeout = close_timeout
        self._watch = EdgeWatch()
        self._waiting: dict[tuple[str, Hook], HookCall] = {}
        self._has_work = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def on_change(self, change: Change, now: datetime) -> None:
        """Queue the commands for the edges of a change, at the wall time `now`."""
        self._queue(self._watch.on_change(change, now), now)

    def tick(self, now: datetime) -> None:
        """Queue the commands for edges by time alone; call it once a second."""
        self._queue(self._watch.tick(now), now)

    def forget(self, order_id: str) -> None:
        """Drop an order that the user removed, and its waiting commands."""
        self._watch.forget(order_id)
        self._waiting = {key: call for key, call in self._waiting.items() if key[0] != order_id}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run commands until the context exits, then those that wait, within a limited time; kill the rest."""
        worker = asyncio.create_task(self._work(), name="hooks")
        seconds = CLOSE_TIMEOUT
        try:
            yield
            seconds = self._close_timeout
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_idle.wait(), seconds)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    def _queue(self, found: list[OrderEdges], now: datetime) -> None:
        for each in found:
            for hook in self._hooks:
                if hook.edge in each.report.edges and self._matches(each.view, now):
                    key = (each.view.order_id, hook)
                    self._waiting.pop(key, None)
                    self._waiting[key] = call_for(hook, each.view, now)
        while len(self._waiting) > MAX_QUEUE:
            order_id, hook = next(iter(self._waiting))
            self._fail(hook, order_id, "not run: too many commands are waiting")
            del self._waiting[order_id, hook]
        if self._waiting:
            self._is_idle.clear()
            self._has_work.set()

    def _matches(self, view: OrderView, now: datetime) -> bool:
        return self._filter.matches(partial(order_matches, OrderAt(view, now)))

    async def _work(self) -> None:
        while True:
            await self._has_work.wait()
            while self._waiting:
                await self._run(self._waiting.pop(next(iter(self._waiting))))
            self._has_work.clear()
            self._is_idle.set()

    async def _run(self, call: HookCall) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *call.arguments,
                env=hook_environment(self._environ, call),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                # A session of its own: it has no terminal to write to, and can be killed as a group.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._fail(call.hook, call.order_id, f"could not be started: {reason}")
            return
        try:
            code = await asyncio.wait_for(process.wait(), self._run_timeout)
        except TimeoutError:
            self._fail(call.hook, call.order_id, f"killed after {self._run_timeout:g} s")
        else:
            if code:
                why = f"ended by signal {-code}" if code < 0 else f"exited with {code}"
                self._fail(call.hook, call.order_id, why)
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    def _fail(self, hook: Hook, order_id: str, why: str) -> None:
        # The arguments may contain a secret of the user; the program's name does not.
        text = f"--on {hook.edge.value}: {sanitize(os.path.basename(hook.arguments[0]))} {sanitize(why)}"
        _log.warning("%s (order %s)", text, order_id)
        if self._report_failure is not None:
            self._report_failure(text, order_id)
