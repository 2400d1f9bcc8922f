"""The feed against an in-process gateway, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fake_gateway import GOODBYE, FakeGateway
from tests.support.fake_transports import FakeCredentials
from tests.support.orders import EPOCH
from tests.support.virtual_time import VirtualClock, virtual
from tests.support.watch import gateway, watching
from tracker_tui.domain.command import Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.overlay import CommandStatus
from tracker_tui.link.changes import FeedEnded, OrderChanged, Phase, Standing
from tracker_tui.link.errors import Refused, ServerBusy, StreamClosed, TransportDown
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.orders.orders import Orders
from tracker_tui.wire.messages import Problem, Unknown


@virtual
async def test_it_connects_syncs_and_is_live() -> None:
    async with watching(gateway("placed", "accepted")) as watch:
        await watch.live()
        assert watch.is_up_to_date()
    assert watch.phases == [Phase.CONNECTING, Phase.SYNCING, Phase.LIVE, Phase.CLOSED]


@virtual
async def test_live_events_reach_the_view() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.append("A1", "accepted")
        await watch.until(watch.is_up_to_date)
        assert watch.feed.standing("A1") is Standing.IN_SYNC


@virtual
async def test_a_lost_last_event_is_noticed_from_the_heartbeat_and_repaired() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.append("A1", "accepted", lost=True)
        await watch.until(watch.is_up_to_date, within=5 + 2.1)
        assert watch.feed.standing("A1") is Standing.IN_SYNC
    assert "seq 2 missing; subscribing again" in watch.notes
    assert len(watch.gateway.subscribes) == 2
    assert watch.feed.counters.repaired == 1


@virtual
async def test_a_gap_is_repaired_after_a_second_and_not_before() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "preparing")
        before = len(watch.gateway.subscribes)
        took = await watch.until(watch.is_up_to_date)
        assert 1.0 <= took < 1.1
        assert watch.gateway.subscribes[before][1] == {"A1": Cursor(EPOCH, 1)}


@virtual
async def test_a_subscription_without_effect_is_followed_by_a_get() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.answers = False
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "preparing")
        took = await watch.until(watch.is_up_to_date)
        assert 3.0 <= took < 3.1
        assert len(watch.gateway.gets) == 1


@virtual
async def test_a_get_without_effect_is_repeated_on_the_backoff_curve() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.answers = False
        watch.gateway.requests_fail_with = ServerBusy(503)
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "preparing")
        await asyncio.sleep(33)
        assert 6 <= len(watch.gateway.gets) <= 12
        assert watch.feed.standing("A1") is Standing.RECONCILING
        watch.gateway.requests_fail_with = None
        await watch.until(watch.is_up_to_date, within=30)


@virtual
async def test_a_frozen_peer_is_noticed_within_two_heartbeats_and_two_seconds() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.frozen = True
        took = await watch.until(lambda: Phase.QUIET in watch.phases)
        assert 6.9 <= took <= 7.1
        took += await watch.until(lambda: Phase.BACKOFF in watch.phases)
        assert 11.9 <= took <= 12.1
        watch.gateway.frozen = False
        await watch.live()


@virtual
async def test_a_quiet_link_is_live_again_at_the_first_byte() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.frozen = True
        await watch.until(lambda: watch.feed.link.phase is Phase.QUIET)
        watch.gateway.frozen = False
        watch.gateway.send(Unknown())
        await watch.until(lambda: watch.feed.link.phase is Phase.LIVE, within=0.1)
    assert Phase.BACKOFF not in watch.phases


@virtual
async def test_a_quiet_link_that_only_pongs_is_live_again_after_one_clock_check() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.frozen = True
        await watch.until(lambda: watch.feed.link.phase is Phase.QUIET)
        watch.gateway.frozen = False
        await watch.gateway.streams[0].ping()
        watch.gateway.frozen = True
        await watch.until(lambda: watch.feed.link.phase is Phase.LIVE, within=2.1)


@pytest.mark.parametrize("seed", range(8))
@virtual
async def test_a_server_that_accepts_and_closes_gets_at_most_14_attempts_in_30_seconds(seed: int) -> None:
    made = gateway()
    made.closes_at_once = 1000
    async with watching(made, seed=seed):
        await asyncio.sleep(30)
    assert 8 <= len(made.openings) <= 14


@pytest.mark.parametrize("seed", range(8))
@virtual
async def test_an_outage_of_a_minute_costs_at_most_17_attempts(seed: int) -> None:
    async with watching(gateway(), seed=seed) as watch:
        await watch.live()
        await asyncio.sleep(11)
        openings = len(watch.gateway.openings)
        watch.gateway.down = TransportDown("connection refused")
        watch.gateway.close(1006)
        await asyncio.sleep(60)
        assert 8 <= len(watch.gateway.openings) - openings <= 17
        watch.gateway.down = None
        await watch.live()
        assert watch.is_up_to_date()


@virtual
async def test_the_first_try_after_a_healthy_stream_comes_at_once() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        await asyncio.sleep(11)
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.close(1006)
        await asyncio.sleep(0.01)
        assert await watch.live() <= 0.31
        assert watch.is_up_to_date()
        assert any("1 event recovered" in note for note in watch.notes)


@virtual
async def test_events_missed_across_a_new_epoch_are_not_counted() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        await asyncio.sleep(11)
        watch.gateway.begin_epoch(watch.gateway.epoch + 1, tell=False)
        watch.gateway.close(1006)
        await asyncio.sleep(0.01)
        await watch.live()
        assert watch.is_up_to_date()
        await asyncio.sleep(0.1)
        [again] = [note for note in watch.notes if note.startswith("live again")]
        assert again.removeprefix("live again on try 1") in {"", "live again"}


@virtual
async def test_it_resumes_after_the_last_event_without_a_gap() -> None:
    async with watching(gateway("placed", "accepted")) as watch:
        await watch.live()
        watch.gateway.append("A1", "preparing", lost=True)
        watch.gateway.append("A1", "ready")
        watch.gateway.close(1006)
        await asyncio.sleep(0.01)
        await watch.live()
        assert watch.gateway.subscribes[-1][1] == {"A1": Cursor(EPOCH, 2)}
        assert watch.is_up_to_date()


@virtual
async def test_a_hello_that_does_not_come_is_given_five_seconds() -> None:
    made = gateway()
    made.mute = True
    async with watching(made) as watch:
        took = await watch.until(lambda: Phase.BACKOFF in watch.phases)
        assert 4.9 <= took <= 5.1
        assert "no hello within 5 s" in watch.notes[-1]


@virtual
async def test_a_new_epoch_on_a_live_stream_is_adopted_without_losing_sync() -> None:
    async with watching(gateway("placed", "accepted")) as watch:
        await watch.live()
        watch.gateway.begin_epoch(EPOCH + 1)
        watch.gateway.append("A1", "preparing")
        await watch.until(watch.is_up_to_date)
    assert len(watch.gateway.subscribes) == 1
    assert all(
        change.standing is not Standing.RECONCILING for change in watch.changes if isinstance(change, OrderChanged)
    )


@virtual
async def test_a_new_epoch_seen_only_in_a_heartbeat_is_subscribed_with_null_at_once() -> None:
    async with watching(gateway("placed", "accepted")) as watch:
        await watch.live()
        watch.gateway.begin_epoch(EPOCH + 1, tell=False)
        await watch.until(lambda: watch.feed.views["A1"].epoch == EPOCH + 1, within=5.1)
        await watch.until(watch.is_up_to_date, within=0.1)
    assert [orders for _, orders in watch.gateway.subscribes] == [{"A1": None}, {"A1": None}]


@virtual
async def test_a_replay_from_another_anchor_than_requested_is_followed_by_a_get() -> None:
    async with watching(gateway("placed", "accepted", "preparing")) as watch:
        await watch.live()
        watch.gateway.echo = Cursor(EPOCH, 1)
        watch.gateway.close(1006)
        await watch.until(lambda: watch.gateway.gets, within=2)
        await watch.live()
        assert watch.is_up_to_date()


@virtual
async def test_an_order_that_ends_closes_the_stream_with_1000() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        stream = watch.gateway.streams[0]
        watch.gateway.append("A1", "cancelled", Outcome.CANCELLED)
        await watch.until(lambda: watch.ended)
        assert stream.closed
        assert watch.feed.link.phase is Phase.FINAL


@virtual
async def test_a_gap_at_the_start_of_an_outage_is_repaired_after_it() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "preparing")
        watch.gateway.down = TransportDown("connection refused")
        watch.gateway.close(1006)
        await asyncio.sleep(30)
        assert not watch.gateway.gets
        watch.gateway.down = None
        await watch.live()
        assert watch.is_up_to_date()


@virtual
async def test_a_gap_in_the_history_of_an_ended_order_is_repaired_before_the_stream_closes() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "delivered", Outcome.DELIVERED)
        await watch.until(lambda: watch.ended)
        assert watch.is_up_to_date()
        assert [entry.milestone.seq for entry in watch.feed.views["A1"].history] == [1, 2, 3]


@virtual
async def test_of_several_orders_the_stream_stays_until_the_last_has_ended() -> None:
    made = gateway()
    made.append("B2", "placed")
    async with watching(made, "A1", "B2") as watch:
        await watch.live()
        made.append("A1", "delivered", Outcome.DELIVERED)
        await asyncio.sleep(30)
        assert watch.feed.link.phase is Phase.LIVE
        made.append("B2", "delivered", Outcome.DELIVERED)
        await watch.until(lambda: watch.ended)


@virtual
async def test_an_unknown_order_is_refused_and_the_others_go_on() -> None:
    made = gateway()
    async with watching(made, "A1", "NOPE") as watch:
        await watch.live()
        assert watch.feed.standing("NOPE") is Standing.REFUSED
        assert watch.feed.refused["NOPE"].code == "order_not_found"
        made.close(1006)
        await asyncio.sleep(0.01)
        await watch.live()
        assert set(made.subscribes[-1][1]) == {"A1"}


@virtual
async def test_when_no_order_is_left_the_link_has_failed() -> None:
    async with watching(gateway(), "NOPE") as watch:
        await watch.until(lambda: watch.ended)
        assert watch.feed.link.phase is Phase.FAILED
        assert "order not found" in str(watch.feed.link.reason)


@virtual
async def test_a_problem_of_the_stream_outranks_the_close_code() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.send(Problem("auth_rejected", "who are you?"))
        watch.gateway.close(1000)
        await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT, within=1)


@virtual
async def test_a_restarting_server_is_not_contacted_before_its_requested_wait_ends() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.send(GOODBYE)
        watch.gateway.close(4012)
        await asyncio.sleep(0.1)
        assert watch.feed.link.phase is Phase.BACKOFF
        watch.feed.reconnect()
        took = await watch.live()
        assert 1.8 <= took <= 2.2


@virtual
async def test_reconnect_skips_the_clients_own_wait() -> None:
    async with watching(gateway()) as watch:
        watch.gateway.down = TransportDown("connection refused")
        watch.gateway.close(1006)
        await asyncio.sleep(40)
        await watch.until(lambda: watch.feed.link.phase is Phase.BACKOFF)
        watch.gateway.down = None
        watch.feed.reconnect()
        assert await watch.live() < 0.1


@virtual
async def test_waking_checks_the_link_with_a_ping_and_keeps_a_healthy_one() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.clock.ahead += 3600
        await watch.until(lambda: watch.phases.count(Phase.SYNCING) == 2, within=3)
        await watch.live()
        assert len(watch.gateway.openings) == 1


@virtual
async def test_waking_to_a_dead_link_reconnects_within_three_seconds() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.frozen = True
        watch.clock.ahead += 3600
        await watch.until(lambda: watch.phases.count(Phase.SYNCING) == 2, within=3)
        await watch.until(lambda: len(watch.gateway.openings) == 2, within=1.1)
        watch.gateway.frozen = False
        watch.gateway.close(1006)
        await watch.live()


@virtual
async def test_an_order_no_longer_listed_by_the_server_is_requested_again() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.streams[0].orders.clear()
        watch.gateway.append("A1", "accepted")
        await watch.until(watch.is_up_to_date, within=20)


@virtual
async def test_a_head_below_the_known_version_rolls_nothing_back_and_counts_as_out_of_sync_after_ten_seconds() -> None:
    async with watching(gateway("placed", "accepted")) as watch:
        await watch.live()
        removed = watch.gateway.logs["A1"].pop()
        took = await watch.until(lambda: watch.feed.standing("A1") is Standing.RECONCILING)
        assert 10 <= took <= 15.1
        assert watch.feed.views["A1"].version == removed.version
        watch.gateway.logs["A1"].append(removed)
        await watch.until(lambda: watch.feed.standing("A1") is Standing.IN_SYNC, within=5.1)


@virtual
async def test_a_thousand_orders_are_synced_on_one_stream_without_a_get() -> None:
    ids = [f"A{number}" for number in range(1000)]
    made = FakeGateway()
    for order_id in ids:
        made.append(order_id)
    async with watching(made, *ids) as watch:
        await watch.live()
        assert all(watch.is_up_to_date(order_id) for order_id in ids)
        assert len(made.subscribes) == 1
        assert not made.gets


@virtual
async def test_positions_are_yielded_at_most_ten_times_a_second_and_the_last_one_always() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        before = len(watch.changes)
        for _ in range(200):
            watch.gateway.append("A1", "placed", quiet=True)
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.2)
        told = [change for change in watch.changes[before:] if isinstance(change, OrderChanged)]
        assert 9 <= len(told) <= 12
        assert told[-1].view.version == Cursor(EPOCH, 201)


@virtual
async def test_a_snapshot_request_respects_the_wait_of_a_busy_server() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.answers = False
        watch.gateway.requests_fail_with = ServerBusy(503, 60)
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "preparing")
        await asyncio.sleep(60)
        assert len(watch.gateway.gets) == 1


@virtual
async def test_a_rate_limit_on_snapshots_is_kept() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.answers = False
        watch.gateway.requests_fail_with = Refused(Problem("rate_limited", "slowly", None, 60))
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "preparing")
        await asyncio.sleep(60)
        assert len(watch.gateway.gets) == 1


@virtual
async def test_a_heartbeat_replaces_a_lost_answer() -> None:
    async with watching(gateway("placed", "accepted")) as watch:
        await watch.live()
        watch.gateway.loses_answers = True
        watch.gateway.close(1006)
        await asyncio.sleep(0.01)
        assert await watch.live() < 6


@virtual
async def test_a_heartbeat_without_news_changes_nothing() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.append("A1", "accepted")
        await asyncio.sleep(1)
        before = len(watch.changes)
        await asyncio.sleep(20)
        assert watch.changes[before:] == []


@virtual
async def test_an_error_in_the_feed_reaches_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def receive(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Orders, "receive", receive)
    made = gateway()
    feed = OrderFeed(["A1"], [made], made, clock=VirtualClock())
    async with feed:
        with pytest.raises(ZeroDivisionError):
            async for _ in feed:
                pass


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1010])
@virtual
async def test_a_close_code_that_means_a_bug_is_retried_once_and_then_final(code: int) -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.close(code)
        await asyncio.sleep(0.01)
        await watch.live()
        watch.gateway.close(code)
        await watch.until(lambda: watch.ended, within=1)
        assert watch.feed.link.phase is Phase.FAILED


@virtual
async def test_a_message_too_big_for_us_is_replaced_by_getting_every_order() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.streams[0].end(StreamClosed(1009, by_us=True))
        await watch.until(lambda: watch.gateway.gets, within=0.1)
        await watch.until(watch.is_up_to_date, within=0.1)


@virtual
async def test_after_a_long_end_an_added_order_opens_one_connection_and_the_machine_has_not_slept() -> None:
    there = gateway()
    there.append("B2")
    async with watching(there, stays_open=True) as watch:
        await watch.live()
        there.append("A1", "delivered", Outcome.DELIVERED)
        await watch.until(lambda: watch.feed.link.phase is Phase.FINAL, within=1)
        await asyncio.sleep(3_600)
        assert not watch.ended
        watch.feed.add(["B2"])
        await watch.until(lambda: watch.is_up_to_date("B2"), within=1)
        await asyncio.sleep(30)
        assert (watch.feed.counters.openings, watch.feed.counters.drops) == (2, 0)
        assert watch.notes[-3:] == [
            "every order has ended; connection closed",
            "orders were added; connecting again",
            "live over WebSocket",
        ]


@virtual
async def test_a_command_for_an_order_that_was_added_after_the_end_is_sent_with_a_token() -> None:
    there = gateway()
    there.append("B2")
    async with watching(there, stays_open=True, keys=FakeCredentials(1_000)) as watch:
        await watch.live()
        there.append("A1", "delivered", Outcome.DELIVERED)
        await watch.until(lambda: watch.feed.link.phase is Phase.FINAL, within=1)
        with pytest.raises(FeedEnded):
            watch.feed.send("A1", Verb.NOTE, "ring twice")
        await asyncio.sleep(3_600)
        watch.feed.add(["B2"])
        watch.feed.send("B2", Verb.NOTE, "ring twice")
        await watch.until(lambda: watch.feed.pending_commands("B2")[0].status is CommandStatus.CONFIRMED, within=5)
