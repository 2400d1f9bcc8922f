"""Tests of the commands of ``--on``: real processes, one at a time."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.mock_servers import create_orders, draft, empty_server
from tests.support.orders import at, event, order, snapshot, state
from tracker_tui.cli.hook_runner import MAX_QUEUE, HookRunner
from tracker_tui.cli.hooks import Hook, parse_hooks
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkChanged, LinkState, OrderChanged, Phase, Standing
from tracker_tui.link.track import track
from tracker_tui.wording.filter import Filter

pytestmark = pytest.mark.slow

LIVE = LinkChanged(LinkState(Phase.LIVE, "websocket"))
DOWN = LinkChanged(LinkState(Phase.BACKOFF, "websocket"))


def changed(order_id: str = "A1", *statuses: str, standing: Standing = Standing.IN_SYNC) -> OrderChanged:
    view = OrderView(order_id).join(
        snapshot(1, "preparing", order_id=order_id, facts=order(order_id, promised_at=at(600)), updated_at=at(0))
    )
    for seq, status in enumerate(statuses, start=2):
        outcome = Outcome(status) if status in {*Outcome} else None
        view = view.join(event(seq, status, order_id=order_id, outcome=outcome))
    return OrderChanged(order_id, view, standing)


def hooks(*pairs: tuple[str, str]) -> tuple[Hook, ...]:
    return parse_hooks(pairs)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


async def eventually(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


async def test_a_command_runs_for_an_edge_and_not_for_what_the_start_finds(out: Path) -> None:
    runner = HookRunner(hooks(("ended", f"sh -c 'echo \"$TRACKER_ORDER $TRACKER_STATUS\" >> {out}'")), os.environ)
    async with runner.running():
        runner.on_change(LIVE, at(1))
        runner.on_change(changed("A2", "cancelled"), at(1))
        runner.on_change(changed("A1"), at(1))
        runner.on_change(changed("A1", "cancelled"), at(2))
        runner.on_change(changed("A1", "cancelled"), at(3))
    assert lines(out) == ["A1 cancelled"]


async def test_a_view_that_is_not_trusted_runs_no_command(out: Path) -> None:
    runner = HookRunner(hooks(("late", f"touch {out}")), os.environ)
    async with runner.running():
        runner.on_change(LIVE, at(1))
        runner.on_change(changed(), at(1))
        runner.on_change(DOWN, at(2))
        for minute in range(1, 30):
            runner.tick(at(60 * minute))
        await asyncio.sleep(0)
    assert not out.exists()


async def test_an_order_becomes_late_by_time_alone(out: Path) -> None:
    runner = HookRunner(hooks(("late", f"sh -c 'echo $TRACKER_LATE_MINUTES >> {out}'")), os.environ)
    async with runner.running():
        runner.on_change(LIVE, at(1))
        runner.on_change(changed(), at(1))
        runner.tick(at(659))
        runner.tick(at(660))
        runner.tick(at(661))
    assert lines(out) == ["1"]


async def test_orders_that_the_filter_excludes_run_no_command(out: Path) -> None:
    runner = HookRunner(hooks(("ended", f"touch {out}")), os.environ, filter=Filter.parse("!A1"))
    async with runner.running():
        runner.on_change(LIVE, at(1))
        runner.on_change(changed(), at(1))
        runner.on_change(changed("A1", "cancelled"), at(2))
    assert not out.exists()


async def test_commands_run_one_at_a_time_and_the_newest_of_an_order_wins(out: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    command = f"sh -c 'while [ ! -e {gate} ]; do sleep 0.01; done; echo $TRACKER_ORDER $TRACKER_STATUS >> {out}'"
    runner = HookRunner(hooks(("action", command)), os.environ)
    async with runner.running():
        runner.on_change(LIVE, at(1))
        for order_id in ("A1", "A2"):
            runner.on_change(changed(order_id), at(1))
            runner.on_change(changed(order_id, "held"), at(2))
        await asyncio.sleep(0.05)
        # A1 is running; A2 waits, and its newer edge replaces the older one.
        runner.on_change(changed("A2", "held", "preparing"), at(3))
        runner.on_change(changed("A2", "held", "preparing", "attempt_failed"), at(4))
        gate.touch()
    assert lines(out) == ["A1 held", "A2 attempt_failed"]


async def test_of_many_waiting_commands_the_oldest_are_dropped_and_logged(
    out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runner = HookRunner(hooks(("ended", f"sh -c 'echo $TRACKER_ORDER >> {out}'")), os.environ)
    with caplog.at_level(logging.WARNING):
        runner.on_change(LIVE, at(1))
        for number in range(MAX_QUEUE + 2):
            runner.on_change(changed(f"A{number}"), at(1))
            runner.on_change(changed(f"A{number}", "cancelled"), at(2))
        async with runner.running():
            pass
    assert lines(out) == [f"A{number}" for number in range(2, MAX_QUEUE + 2)]
    assert [record.getMessage() for record in caplog.records] == [
        f"--on ended: sh not run: too many commands are waiting (order A{number})" for number in range(2)
    ]


async def test_a_command_that_hangs_is_killed_with_its_group(out: Path, tmp_path: Path) -> None:
    failures: list[tuple[str, str]] = []
    child = tmp_path / "child"
    runner = HookRunner(
        hooks(("ended", f"sh -c 'sleep 600 & echo $! > {child}; wait'")),
        os.environ,
        report_failure=lambda text, order_id: failures.append((text, order_id)),
        run_timeout=0.5,
    )
    async with runner.running():
        runner.on_change(LIVE, at(1))
        runner.on_change(changed(), at(1))
        runner.on_change(changed("A1", "cancelled"), at(2))
        await eventually(lambda: failures)
    assert failures == [("--on ended: sh killed after 0.5 s", "A1")]
    await eventually(lambda: not _is_running(int(child.read_text())))


async def test_failures_are_one_line_each(caplog: pytest.LogCaptureFixture) -> None:
    given = hooks(("ended", "sh -c 'exit 3'"), ("ended", "/no/such/program"), ("ended", "sh -c 'kill -9 $$'"))
    runner = HookRunner(given, os.environ)
    with caplog.at_level(logging.WARNING):
        async with runner.running():
            runner.on_change(LIVE, at(1))
            runner.on_change(changed(), at(1))
            runner.on_change(changed("A1", "cancelled"), at(2))
    assert [record.getMessage() for record in caplog.records] == [
        "--on ended: sh exited with 3 (order A1)",
        "--on ended: program could not be started: No such file or directory (order A1)",
        "--on ended: sh ended by signal 9 (order A1)",
    ]


async def test_an_interrupted_run_kills_the_running_command_soon(tmp_path: Path) -> None:
    child = tmp_path / "child"

    async def run() -> None:
        runner = HookRunner(hooks(("ended", f"sh -c 'echo $$ > {child}; exec sleep 600'")), os.environ)
        async with runner.running():
            runner.on_change(LIVE, at(1))
            runner.on_change(changed(), at(1))
            runner.on_change(changed("A1", "cancelled"), at(2))
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await eventually(lambda: child.exists() and child.read_text())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not _is_running(int(child.read_text()))


async def test_a_real_order_that_ends_runs_the_command(out: Path) -> None:
    runner = HookRunner(hooks(("ended", f"sh -c 'echo \"$TRACKER_ORDER $TRACKER_STATUS\" > {out}'")), os.environ)
    async with empty_server() as server:
        await create_orders(server, "A1")
        async with track("A1", server=server.url) as feed, runner.running():
            async for change in feed:
                runner.on_change(change, at(0))
                if isinstance(change, OrderChanged) and change.standing is Standing.IN_SYNC and not change.view.outcome:
                    await server.events.append("A1", state("delivered", Outcome.DELIVERED), draft("delivered"))
    assert lines(out) == ["A1 delivered"]


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child that ended and was not waited for is a zombie.
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
