"""The queue of changes: merged per order, bounded, positions at most ten times a second."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import EPOCH, START, event, snapshot
from tests.support.virtual_time import VirtualLoop, virtual
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Location, Outcome
from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import MOST_LINES, POSITION_INTERVAL, ChangeQueue, Significance, compare
from tracker_tui.link.changes import (
    Change,
    LinkChanged,
    LinkState,
    Noted,
    OrderChanged,
    OrderForgotten,
    Phase,
    Standing,
    Topic,
)

EMPTY = OrderView("A1")
VIEW = EMPTY.join(snapshot(1))


def changed(seq: int = 1, order_id: str = "A1", *, told: bool = False) -> OrderChanged:
    """Return a change to the view at `seq`, with the milestone of that seq if `told` is true."""
    view = OrderView(order_id).join(snapshot(seq, order_id=order_id))
    arrived = tuple(entry for entry in view.history if entry.milestone.seq == seq) if told else ()
    return OrderChanged(order_id, view, Standing.IN_SYNC, arrived)


def note(number: int) -> Noted:
    return Noted(START + timedelta(seconds=number), Topic.LINK, f"line {number}")


def seq_of(change: Change | None) -> int:
    assert isinstance(change, OrderChanged)
    assert change.view.version is not None
    return change.view.version.seq


async def drained(outbox: ChangeQueue) -> list[Change]:
    """Return all changes that remain in a closed queue."""
    changes = []
    while (change := await outbox.get()) is not None:
        changes.append(change)
    return changes


@virtual
async def test_changes_come_out_in_the_order_in_which_they_went_in() -> None:
    outbox = ChangeQueue()
    live = LinkChanged(LinkState(Phase.LIVE, "websocket"))
    put: list[Change] = [note(1), changed(1, "A1"), live, changed(1, "B2"), note(2)]
    for change in put:
        outbox.put(change)
    outbox.close()
    assert await drained(outbox) == put


@virtual
async def test_unread_changes_of_an_order_become_one_with_every_milestone_once_and_in_order() -> None:
    outbox = ChangeQueue()
    for seq in range(1, 6):
        outbox.put(changed(seq, told=True))
    outbox.close()
    (change,) = await drained(outbox)
    assert isinstance(change, OrderChanged)
    assert seq_of(change) == 5
    assert [entry.milestone.seq for entry in change.arrived] == [1, 2, 3, 4, 5]


@virtual
async def test_a_reader_that_waits_is_woken() -> None:
    outbox = ChangeQueue()
    reader = asyncio.create_task(outbox.get())
    await asyncio.sleep(1)
    assert not reader.done()
    outbox.put(note(1))
    assert await reader == note(1)


@virtual
async def test_only_the_newest_lines_are_kept_for_a_reader_that_sleeps() -> None:
    outbox = ChangeQueue()
    for number in range(3 * MOST_LINES):
        outbox.put(note(number))
        outbox.put(changed(1 + number % 7))
    outbox.close()
    changes = await drained(outbox)
    assert [change for change in changes if isinstance(change, Noted)] == [
        note(number) for number in range(2 * MOST_LINES, 3 * MOST_LINES)
    ]
    assert [seq_of(change) for change in changes if isinstance(change, OrderChanged)] == [1 + (3 * MOST_LINES - 1) % 7]


@virtual
async def test_the_first_position_is_yielded_at_once_and_the_next_a_tenth_of_a_second_later() -> None:
    outbox, loop = ChangeQueue(), asyncio.get_running_loop()
    outbox.put(changed(1), minor=True)
    assert seq_of(await outbox.get()) == 1
    told = loop.time()
    outbox.put(changed(2), minor=True)
    outbox.put(changed(3), minor=True)
    assert seq_of(await outbox.get()) == 3
    assert loop.time() - told == pytest.approx(POSITION_INTERVAL)


@virtual
async def test_a_significant_change_is_yielded_at_once_together_with_a_delayed_position() -> None:
    outbox, loop = ChangeQueue(), asyncio.get_running_loop()
    outbox.put(changed(1))
    await outbox.get()
    told = loop.time()
    outbox.put(changed(2), minor=True)
    outbox.put(changed(3, told=True))
    change = await outbox.get()
    assert seq_of(change) == 3
    assert loop.time() == told
    outbox.close()
    assert await drained(outbox) == []


@virtual
async def test_a_position_after_a_significant_change_waits_its_own_tenth_of_a_second() -> None:
    outbox, loop = ChangeQueue(), asyncio.get_running_loop()
    outbox.put(changed(1))
    await outbox.get()
    outbox.put(changed(2), minor=True)
    await asyncio.sleep(0.06)
    outbox.put(changed(3))
    await outbox.get()
    told = loop.time()
    outbox.put(changed(4), minor=True)
    assert seq_of(await outbox.get()) == 4
    assert loop.time() - told == pytest.approx(POSITION_INTERVAL)


@virtual
async def test_one_order_does_not_hold_up_another() -> None:
    outbox, loop = ChangeQueue(), asyncio.get_running_loop()
    outbox.put(changed(1, "A1"))
    await outbox.get()
    told = loop.time()
    outbox.put(changed(2, "A1"), minor=True)
    outbox.put(changed(1, "B2"), minor=True)
    assert await outbox.get() == changed(1, "B2")
    assert loop.time() == told


@virtual
async def test_closing_yields_delayed_positions_and_then_ends() -> None:
    outbox, loop = ChangeQueue(), asyncio.get_running_loop()
    outbox.put(changed(1))
    await outbox.get()
    told = loop.time()
    outbox.put(changed(2), minor=True)
    outbox.close()
    assert [seq_of(change) for change in await drained(outbox)] == [2]
    assert loop.time() == told
    assert await outbox.get() is None


@virtual
async def test_a_failure_is_raised_after_the_unread_changes_and_the_first_one_counts() -> None:
    outbox = ChangeQueue()
    outbox.put(note(1))
    outbox.fail(RuntimeError("first"))
    outbox.fail(RuntimeError("second"))
    assert await outbox.get() == note(1)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="first"):
            await outbox.get()


@virtual
async def test_a_cancelled_reader_loses_no_change() -> None:
    outbox = ChangeQueue()
    reader = asyncio.create_task(outbox.get())
    await asyncio.sleep(1)
    outbox.put(note(1))
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await outbox.get() == note(1)


@given(st.lists(st.tuples(st.integers(0, 250), st.booleans()), max_size=40))
def test_a_prompt_reader_gets_positions_ten_times_a_second_at_most_and_always_the_last(
    puts: list[tuple[int, bool]],
) -> None:
    async def scene() -> None:
        outbox, loop = ChangeQueue(), asyncio.get_running_loop()
        told: list[tuple[float, OrderChanged]] = []
        errors: list[dict[str, object]] = []
        loop.set_exception_handler(lambda _, context: errors.append(context))

        async def read() -> None:
            while (change := await outbox.get()) is not None:
                assert isinstance(change, OrderChanged)
                told.append((loop.time(), change))

        reader = asyncio.create_task(read())
        for seq, (milliseconds, minor) in enumerate(puts, 1):
            await asyncio.sleep(milliseconds / 1000)
            outbox.put(changed(seq, told=not minor), minor=minor)
        await asyncio.sleep(1)
        outbox.close()
        await reader
        assert not errors
        before = float("-inf")
        for at, change in told:
            assert change.arrived or at - before >= POSITION_INTERVAL - 1e-9
            before = at
        assert [seq_of(change) for _, change in told] == sorted({seq_of(change) for _, change in told})
        assert not puts or seq_of(told[-1][1]) == len(puts)
        arrived = [entry.milestone.seq for _, change in told for entry in change.arrived]
        assert arrived == [seq for seq, (_, minor) in enumerate(puts, 1) if not minor]

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(scene())


# --- what a change weighs ---------------------------------------------------------------------------------------------

HERE = Location(52.5, 13.4, START)


@pytest.mark.parametrize(
    ("before", "after", "weight"),
    [
        (VIEW, VIEW, Significance.NOTHING),
        (VIEW, VIEW.announce(Cursor(EPOCH, 1)), Significance.NOTHING),
        (EMPTY, EMPTY.announce(Cursor(EPOCH, 5)), Significance.NOTHING),
        (VIEW, VIEW.announce(Cursor(EPOCH, 5)), Significance.FULL),
        (VIEW, VIEW.announce(Cursor(EPOCH + 1, 1)), Significance.FULL),
        (VIEW, VIEW.join(event(2, quiet=True, location=HERE)), Significance.POSITION),
        (VIEW, VIEW.join(event(2, quiet=True)), Significance.POSITION),
        (VIEW, VIEW.join(event(2, quiet=True, flags=("delayed",))), Significance.FULL),
        (VIEW, VIEW.join(event(2, quiet=True, location=HERE, outcome=Outcome.LOST)), Significance.FULL),
        (VIEW, VIEW.join(event(2)), Significance.FULL),
        (VIEW, VIEW.join(event(3, quiet=True, location=HERE)), Significance.FULL),
        (EMPTY, VIEW, Significance.FULL),
        (EMPTY, EMPTY.join(event(1, quiet=True)), Significance.FULL),
    ],
    ids=[
        "nothing",
        "a head that is held already",
        "a head before anything else",
        "a head that is not held yet",
        "a new epoch",
        "a position",
        "only the time of the update",
        "a flag beside it",
        "an outcome beside it",
        "a milestone",
        "a position above a hole",
        "the first snapshot",
        "the first event",
    ],
)
def test_the_significance_of_a_change_depends_on_its_visible_effect(
    before: OrderView, after: OrderView, weight: Significance
) -> None:
    assert compare(before, after) is weight


@virtual
async def test_a_delayed_position_of_a_forgotten_order_is_dropped() -> None:
    outbox = ChangeQueue()
    outbox.put(changed(1))
    await outbox.get()
    outbox.put(changed(2), minor=True)
    outbox.put(OrderForgotten("A1"))
    assert await outbox.get() == OrderForgotten("A1")
    await asyncio.sleep(1)
    outbox.close()
    assert await drained(outbox) == []


@virtual
async def test_a_reopened_queue_waits_for_changes_again() -> None:
    outbox = ChangeQueue()
    outbox.close()
    assert await outbox.get() is None
    outbox.put(note(1))
    outbox.reopen()
    assert await outbox.get() == note(1)
    reader = asyncio.create_task(outbox.get())
    await asyncio.sleep(1)
    outbox.put(note(2))
    assert await reader == note(2)
