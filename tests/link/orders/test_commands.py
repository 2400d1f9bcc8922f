"""Commands through a feed: each is applied once, whatever happens to requests, answers and streams."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeCredentials
from tests.support.virtual_time import virtual
from tests.support.watch import Watch, gateway, watching
from tracker_tui.domain.command import Accepted, Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import FeedEnded, OrderChanged, Phase
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, TransportBlocked, TransportDown
from tracker_tui.wire.messages import Problem

NEVER_SENT = [TransportDown("connection refused"), ServerBusy(429), Refused(Problem("rate_limited", "slowly"))]
MAYBE_APPLIED = [TransportDown("reset", connected=True), ServerBusy(502), TransportBlocked(302, "a sign-in page")]


def pending(watch: Watch, order_id: str = "A1") -> PendingCommand:
    return watch.feed.pending_commands(order_id)[-1]


def fates(watch: Watch) -> list[CommandStatus]:
    """Return the published statuses of the last command, without repetitions."""
    told = [
        change.pending_commands[-1].status
        for change in watch.changes
        if isinstance(change, OrderChanged) and change.pending_commands
    ]
    return [fate for index, fate in enumerate(told) if index == 0 or told[index - 1] is not fate]


async def decided(watch: Watch, within: float = 60.0) -> float:
    return await watch.until(lambda: not pending(watch).is_open, within)


def effects(gateway: FakeGateway) -> int:
    """Return the number of versions with a command's id."""
    return sum(each.milestone is not None and each.milestone.command_id is not None for each in gateway.logs["A1"])


@virtual
async def test_a_note_is_shown_as_pending_at_once_and_confirmed_by_its_milestone() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        command_id = watch.feed.send("A1", Verb.NOTE, "ring twice")
        assert (pending(watch).status, pending(watch).command.text) == (CommandStatus.PENDING, "ring twice")
        await decided(watch)
        assert (pending(watch).status, pending(watch).version) == (
            CommandStatus.CONFIRMED,
            Cursor(watch.gateway.epoch, 2),
        )
        assert watch.gateway.logs["A1"][-1].milestone is not None
        assert watch.gateway.logs["A1"][-1].milestone.command_id == command_id
        await asyncio.sleep(0.1)
        assert fates(watch)[0] is CommandStatus.PENDING
        assert fates(watch)[-1] is CommandStatus.CONFIRMED
        assert [note for note in watch.notes if note.startswith("note")] == [
            "note requested: “ring twice”",
            "note confirmed, seq 2",
        ]
    assert len(watch.gateway.commands) == 1


@virtual
async def test_a_pending_command_does_not_change_the_view() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.commands_down = NEVER_SENT[0]
        before = watch.feed.views["A1"]
        watch.feed.send("A1", Verb.CANCEL)
        await asyncio.sleep(30)
        assert watch.feed.views["A1"].state is before.state
        assert pending(watch).status is CommandStatus.PENDING


@virtual
async def test_a_refused_cancel_shows_the_gateways_words() -> None:
    async with watching(gateway("placed", "picked_up")) as watch:
        await watch.live()
        watch.gateway.refuses = "the order is on its way"
        watch.feed.send("A1", Verb.CANCEL)
        await decided(watch)
        assert (pending(watch).status, pending(watch).reason) == (CommandStatus.REFUSED, "the order is on its way")
        await asyncio.sleep(60)
        assert fates(watch)[-1] is CommandStatus.REFUSED
        assert "cancel refused: the order is on its way" in watch.notes
    assert len(watch.gateway.commands) == 1
    assert effects(watch.gateway) == 0


@pytest.mark.parametrize("error", NEVER_SENT, ids=str)
@virtual
async def test_a_command_that_was_not_sent_stays_pending_and_is_retried(error: LinkError) -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.commands_down = error
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(5)
        assert pending(watch).status is CommandStatus.PENDING
        watch.gateway.commands_down = None
        await decided(watch)
        assert pending(watch).status is CommandStatus.CONFIRMED
    assert effects(watch.gateway) == 1


@pytest.mark.parametrize("error", MAYBE_APPLIED, ids=str)
@virtual
async def test_a_command_that_may_be_applied_is_unconfirmed_until_the_answer(error: LinkError) -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.commands_down = error
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(5)
        assert (pending(watch).status, pending(watch).reason) == (CommandStatus.UNCONFIRMED, str(error))
        # One log line, for any number of retries.
        assert sum("unconfirmed" in note for note in watch.notes) == 1
        watch.gateway.commands_down = None
        await decided(watch)
        assert pending(watch).status is CommandStatus.CONFIRMED
    assert effects(watch.gateway) == 1


@virtual
async def test_a_lost_answer_causes_a_retry_with_the_same_id_and_only_one_note() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.frozen = True  # so that only the answer confirms it
        watch.gateway.answers_lost = 2
        watch.feed.send("A1", Verb.NOTE, "x")
        await watch.until(lambda: pending(watch).status is CommandStatus.ACCEPTED)
        assert len({command.command_id for _, command, _ in watch.gateway.commands}) == 1
        assert len(watch.gateway.commands) == 3
        watch.gateway.frozen = False
        await decided(watch)
        assert pending(watch).status is CommandStatus.CONFIRMED
    assert effects(watch.gateway) == 1
    assert CommandStatus.UNCONFIRMED in fates(watch)


@virtual
async def test_the_milestone_alone_ends_the_retries() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.answers_lost = 1_000
        watch.feed.send("A1", Verb.NOTE, "x")
        await decided(watch)
        assert pending(watch).status is CommandStatus.CONFIRMED
        asked = len(watch.gateway.commands)
        await asyncio.sleep(120)
        assert len(watch.gateway.commands) == asked == 1


@virtual
async def test_tries_come_on_the_backoff_curve_and_never_before_the_servers_floor() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.commands_down = TransportDown("connection refused")
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(300)
        times = [time for time, _, _ in watch.gateway.commands]
        waits = [later - earlier for earlier, later in pairwise(times)]
        assert waits[0] <= 0.25
        assert all(wait <= 30.1 for wait in waits)
        assert waits[-1] >= 15
        watch.gateway.commands_down = ServerBusy(503, 100)
        await asyncio.sleep(150)
        tail = [time for time, _, _ in watch.gateway.commands][-2:]
        assert tail[1] - tail[0] >= 100


@virtual
async def test_waiting_commands_are_tried_at_once_when_the_stream_is_live_again() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.commands_down = watch.gateway.down = TransportDown("connection refused")
        watch.gateway.close(1006)
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(200)
        assert pending(watch).status is CommandStatus.PENDING
        watch.gateway.commands_down = watch.gateway.down = None
        asked = len(watch.gateway.commands)
        watch.feed.reconnect()
        await watch.live()
        assert await decided(watch) < 0.1
        assert len(watch.gateway.commands) == asked + 1
    assert effects(watch.gateway) == 1


@virtual
async def test_a_feed_does_not_end_while_a_command_is_pending() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.commands_down = TransportDown("no answer", connected=True)
        watch.feed.send("A1", Verb.NOTE, "x")
        watch.gateway.append("A1", "delivered", Outcome.DELIVERED)
        await asyncio.sleep(60)
        assert not watch.ended
        watch.gateway.refuses = "too late"
        watch.gateway.commands_down = None
        await watch.until(lambda: watch.ended)
        assert watch.feed.link.phase is Phase.FINAL
        assert fates(watch)[-1] is CommandStatus.REFUSED


@virtual
async def test_a_cancelled_order_ends_the_feed_with_the_command_confirmed() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.feed.send("A1", Verb.CANCEL)
        await watch.until(lambda: watch.ended)
        assert (watch.feed.link.phase, pending(watch).status) == (Phase.FINAL, CommandStatus.CONFIRMED)
        with pytest.raises(FeedEnded):
            watch.feed.send("A1", Verb.NOTE, "too late")
    assert fates(watch)[-1] is CommandStatus.CONFIRMED


@virtual
async def test_a_command_is_sent_again_to_a_log_that_lost_it_and_applied_once() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.frozen = True
        watch.feed.send("A1", Verb.NOTE, "x")
        await watch.until(lambda: pending(watch).status is CommandStatus.ACCEPTED)
        # It restarts from a backup that is older than the note.
        watch.gateway.logs["A1"].pop()
        watch.gateway.decided.clear()
        watch.gateway.frozen = False
        watch.gateway.begin_epoch(watch.gateway.epoch + 1)
        await decided(watch)
        assert (pending(watch).status, pending(watch).version) == (
            CommandStatus.CONFIRMED,
            Cursor(watch.gateway.epoch, 2),
        )
    assert effects(watch.gateway) == 1


@virtual
async def test_two_commands_have_each_their_own_status() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.refuses = "no"
        watch.feed.send("A1", Verb.CANCEL)
        await decided(watch)
        watch.gateway.refuses = None
        watch.feed.send("A1", Verb.NOTE, "then this")
        await decided(watch)
        assert [each.status for each in watch.feed.pending_commands("A1")] == [
            CommandStatus.REFUSED,
            CommandStatus.CONFIRMED,
        ]


@virtual
async def test_closing_waits_for_no_more_retries() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.commands_down = ServerBusy(503, 200)
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(10)
        left_at = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - left_at < 1.5
    assert pending(watch).status is CommandStatus.UNCONFIRMED


@virtual
async def test_a_command_in_flight_at_closing_is_unconfirmed() -> None:
    async def unanswered(order_id: str, command: Command, token: Token | None = None) -> Accepted:
        await asyncio.Event().wait()
        raise AssertionError

    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.command = unanswered  # type: ignore[method-assign]
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(1)
        assert pending(watch).status is CommandStatus.PENDING
    assert pending(watch).status is CommandStatus.UNCONFIRMED


@virtual
async def test_an_unwatched_order_and_an_invalid_text_are_refused_without_a_request() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        with pytest.raises(FeedEnded):
            watch.feed.send("B1", Verb.CANCEL)
        with pytest.raises(ValueError, match="text"):
            watch.feed.send("A1", Verb.NOTE, " ")
        assert watch.feed.pending_commands("A1") == ()
    assert watch.gateway.commands == []


@virtual
async def test_a_token_that_expires_during_a_request_is_replaced_at_once() -> None:
    credentials = FakeCredentials(life=20)
    async with watching(gateway(), keys=credentials) as watch:
        await watch.live()
        # A gateway that is done with this token earlier than it said.
        credentials.expire_all()
        watch.feed.send("A1", Verb.NOTE, "x")
        assert await decided(watch) < 0.1
        assert pending(watch).status is CommandStatus.CONFIRMED
    assert effects(watch.gateway) == 1


@virtual
async def test_a_refused_token_is_not_presented_twice_and_the_command_waits_for_another() -> None:
    credentials = FakeCredentials(life=1_000)
    async with watching(gateway(), keys=credentials) as watch:
        await watch.live()
        credentials.exhausted = True
        credentials.expire_all()
        requests = credentials.requests
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(600)
        assert credentials.requests == requests + 1
        assert pending(watch).status is CommandStatus.PENDING
        credentials.exhausted = False
        await decided(watch)
        assert pending(watch).status is CommandStatus.CONFIRMED
    assert effects(watch.gateway) == 1


@virtual
async def test_a_command_of_a_signed_out_user_is_answered_after_signing_in() -> None:
    credentials = FakeCredentials(life=20)
    async with watching(gateway(), keys=credentials) as watch:
        await watch.live()
        credentials.exhausted = True
        await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT)
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(100)
        assert pending(watch).status is CommandStatus.PENDING
        credentials.exhausted = False
        await decided(watch)
        await watch.live()
        assert pending(watch).status is CommandStatus.CONFIRMED
    assert effects(watch.gateway) == 1


@virtual
async def test_a_token_that_is_fetched_for_a_command_signs_the_feed_in_as_well() -> None:
    credentials = FakeCredentials(life=20)
    # Its source is a command: only running it shows that there is another token.
    credentials.changed = lambda: False  # type: ignore[method-assign]
    async with watching(gateway(), keys=credentials) as watch:
        await watch.live()
        credentials.exhausted = True
        await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT)
        credentials.exhausted = False
        await asyncio.sleep(60)
        assert len(watch.gateway.streams) == 0
        watch.feed.send("A1", Verb.NOTE, "x")
        await watch.live()
        await decided(watch)
        assert pending(watch).status is CommandStatus.CONFIRMED


@virtual
async def test_a_gateway_that_wants_a_token_where_there_are_none_refuses() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.commands_down = Refused(Problem("auth_rejected", "this needs a token"))
        watch.feed.send("A1", Verb.NOTE, "x")
        await decided(watch)
        assert (pending(watch).status, pending(watch).reason) == (CommandStatus.REFUSED, "this needs a token")
    assert len(watch.gateway.commands) == 1
