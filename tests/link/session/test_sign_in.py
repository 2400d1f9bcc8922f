"""Tokens that expire, are renewed, refused or missing."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.support import ladders
from tests.support.orders import START
from tests.support.session_scripts import SessionScript
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import Refused, ServerBusy, StreamClosed, TransportDown
from tracker_tui.link.session.events import (
    AbortStream,
    CloseStream,
    ConnectionEnded,
    CredentialsChanged,
    FetchToken,
    OpenStream,
    PresentToken,
    ReconnectRequested,
    TokenNeeded,
)
from tracker_tui.wire.messages import Authenticated, Goodbye, Heartbeat, Hello, Problem


def hello(life: float = 100) -> Hello:
    return Hello(1, START, START + timedelta(seconds=life), "n1")


def story(life: float = 100, *, sse: bool = False) -> SessionScript:
    """A session that is live since 0 with token 1."""
    made = SessionScript(ladder=ladders.ALL if sse else ladders.ONE, keyed=True)
    made.end_token_fetch(0, 1)
    if sse:
        made.block(0)
    made.live(0, hello(life))
    return made


def expire(made: SessionScript, at: float) -> tuple[object, ...]:
    return made.step(ConnectionEnded(made.connection_id, at, StreamClosed(4001), 0.5))


def refuse(made: SessionScript, at: float, code: str = "token_expired") -> tuple[object, ...]:
    return made.step(ConnectionEnded(made.connection_id, at, Refused(Problem(code, "")), 0.5))


def test_nothing_is_opened_before_there_is_a_token() -> None:
    made = SessionScript(keyed=True)
    assert made.actions == (FetchToken(1),)
    assert made.phase() is Phase.CONNECTING
    assert made.tick(60) == ()
    assert made.end_token_fetch(60, 1) == (OpenStream(2, "websocket", 1),)


def test_without_a_token_at_the_start_the_session_is_signed_out_and_says_why() -> None:
    made = SessionScript(keyed=True)
    assert made.end_token_fetch(0, 0, "the token file can't be read") == ()
    assert (made.phase(), made.session.downtime.reason) == (Phase.SIGNED_OUT, "the token file can't be read")


def test_a_token_is_renewed_in_band_before_it_expires() -> None:
    made = story()
    assert made.session.deadline(79) == 80
    assert made.tick(80, heard=79) == (FetchToken(2),)
    assert made.tick(80.1, heard=80) == ()
    assert made.end_token_fetch(80.2, 2) == (PresentToken(made.connection_id, 2),)
    made.receive(80.3, Authenticated(START + timedelta(seconds=180.3)))
    assert made.phase() is Phase.LIVE
    assert made.session.tokens.lease is not None
    assert made.session.tokens.lease.fetch_at == pytest.approx(160.3)


def test_an_unchanged_token_is_not_presented_again_and_looked_for_again_at_half_time() -> None:
    made = story()
    made.tick(80, heard=79)
    assert made.end_token_fetch(80, 1) == ()
    assert made.session.deadline(89) == 90
    assert made.tick(90, heard=89) == (FetchToken(3),)


def test_a_token_rejected_by_the_server_leaves_the_old_expiry_and_is_not_presented_again() -> None:
    made = story()
    made.tick(80, heard=79)
    made.end_token_fetch(80, 2)
    made.receive(80.1, Authenticated(None, "auth_rejected"))
    assert made.session.tokens.lease is not None
    assert (made.session.tokens.lease.token, made.session.tokens.lease.expires_at) == (1, 100)
    made.tick(made.session.tokens.lease.fetch_at or 0, heard=89)
    assert made.end_token_fetch(91, 2) == ()


def test_a_fresh_token_opens_a_candidate_if_the_stream_cannot_accept_it() -> None:
    made = story(sse=True)
    old = made.connection_id
    assert made.tick(80, heard=79) == (FetchToken(2),)
    assert made.end_token_fetch(80.2, 2) == (OpenStream(old + 1, "sse", 2),)
    assert made.phase() is Phase.LIVE
    assert made.catch_up(80.5, hello(180)) == (CloseStream(old),)
    assert made.session.tokens.lease is not None
    assert made.session.tokens.lease.token == 2


def test_an_expired_token_is_renewed_once_and_the_stream_reopened_at_once() -> None:
    made = story()
    assert expire(made, 100) == (FetchToken(2),)
    assert made.phase() is Phase.CONNECTING
    assert made.end_token_fetch(100.1, 2) == (OpenStream(made.connection_id, "websocket", 2),)
    made.live(100.2, hello())
    assert made.session.downtime.since is None


def test_an_expired_token_that_stays_the_same_is_signed_out_without_a_request() -> None:
    made = story()
    expire(made, 100)
    assert made.end_token_fetch(100.1, 1) == ()
    assert made.phase() is Phase.SIGNED_OUT
    assert made.tick(1000) == ()


def test_a_fresh_token_that_is_expired_too_is_the_end_of_it() -> None:
    made = story()
    expire(made, 100)
    made.end_token_fetch(100.1, 2)
    assert refuse(made, 100.2) == ()
    assert made.phase() is Phase.SIGNED_OUT


def test_the_number_of_token_fetches_is_not_limited_while_each_token_works() -> None:
    made, at = story(life=5), 5.0
    for number in range(2, 6):
        assert isinstance(expire(made, at)[0], FetchToken)
        made.end_token_fetch(at, number)
        made.live(at, hello(5))
        at += 5
    assert made.phase() is Phase.LIVE


def test_a_fresh_token_that_grew_old_while_nothing_answered_is_renewed_like_any_other() -> None:
    made = story()
    expire(made, 100)
    made.end_token_fetch(100, 2)
    made.fail(100.1)
    made.fail_often(5, made.wait.until)
    assert refuse(made, 700) == (FetchToken(3),)
    assert made.end_token_fetch(700, 3) == (OpenStream(made.connection_id, "websocket", 3),)
    assert refuse(made, 700.1) == ()
    assert made.phase() is Phase.SIGNED_OUT


def test_tokens_that_expire_as_they_come_do_not_make_a_loop() -> None:
    made = story()
    expire(made, 100)
    made.end_token_fetch(100, 2)
    made.live(100.1, hello(0.5))
    expire(made, 100.6)
    assert made.phase() is Phase.SIGNED_OUT


def test_a_token_that_came_in_meanwhile_is_presented_without_looking_again() -> None:
    made = story()
    made.tick(80, heard=79)
    made.end_token_fetch(80, 2)  # offered, and the answer got lost
    assert expire(made, 100) == (OpenStream(made.connection_id, "websocket", 2),)


def test_a_token_from_a_finished_fetch_is_ignored() -> None:
    made = story()
    made.tick(80, heard=79)
    made.end_token_fetch(80.1, 2)
    before = made.session
    assert made.end_token_fetch(80.2, 3) == ()
    assert made.session is before


def test_a_rejected_token_is_not_renewed() -> None:
    made = story()
    assert refuse(made, 10, "auth_rejected") == ()
    assert made.phase() is Phase.SIGNED_OUT
    assert made.session.downtime.code == "auth_rejected"


def test_while_signed_out_a_changed_source_or_a_key_fetches_and_only_a_new_token_is_presented() -> None:
    made = story()
    refuse(made, 10, "auth_rejected")
    assert made.step(CredentialsChanged(12)) == (FetchToken(2),)
    assert made.end_token_fetch(12, 1) == ()
    assert made.phase() is Phase.SIGNED_OUT
    assert made.step(ReconnectRequested(20)) == (FetchToken(3),)
    assert made.end_token_fetch(20, 2) == (OpenStream(made.connection_id, "websocket", 2),)
    made.live(20.1, hello())


def test_a_policy_violation_renews_the_token_once_and_is_then_final() -> None:
    made = story()
    assert made.close_stream(10, code=1008) == (FetchToken(2),)
    made.end_token_fetch(10, 2)
    made.receive(10.1, hello())
    assert made.close_stream(10.2, code=1008) == ()
    assert made.phase() is Phase.FAILED
    made = SessionScript()
    made.close_stream(0, code=1008)
    assert made.phase() is Phase.FAILED


def test_a_token_known_to_be_expired_is_not_presented_after_an_outage() -> None:
    made = story(life=20)
    made.close_stream(15)
    for at in (15.5, 16.5, 17.5):
        made.tick(max(at, made.wait.until))
        made.step(ConnectionEnded(made.connection_id, at, TransportDown("connection refused"), 0.99))
    made.tick(25)
    assert made.actions == (FetchToken(2),)
    assert made.end_token_fetch(25, 2) == (OpenStream(made.connection_id, "websocket", 2),)


def test_the_servers_floor_holds_for_a_fresh_token_too() -> None:
    made = story()
    made.receive(100, Problem("token_expired", "", None, 20.0))
    assert expire(made, 100.1) == (FetchToken(2),)
    assert made.end_token_fetch(100.2, 2) == ()
    assert made.wait.retry_floor >= 120
    assert isinstance(made.tick(made.wait.retry_floor)[0], OpenStream)


def test_a_sleep_makes_the_token_fetch_happen_earlier() -> None:
    made = story(life=3600)
    made.receive(10, Heartbeat(START + timedelta(seconds=3580), {}))
    assert made.tick(10.1, heard=10) == (FetchToken(2),)


def test_no_token_is_looked_for_on_a_stream_that_is_going() -> None:
    made = story()
    made.receive(79.9, Goodbye("restarting"))
    assert made.tick(80, heard=79.9) == ()


def test_a_fresh_token_goes_before_a_try_of_a_better_transport() -> None:
    made = story(sse=True)
    made.tick(80, heard=79)
    assert made.tick(80, heard=79) == (OpenStream(made.connection_id + 1, "websocket", 1),)
    assert made.end_token_fetch(80.2, 2) == (
        AbortStream(made.connection_id + 1),
        OpenStream(made.connection_id + 2, "sse", 2),
    )


def test_a_candidate_whose_fresh_token_is_refused_leaves_the_old_stream_alone() -> None:
    made = story(sse=True)
    made.tick(80, heard=79)
    made.end_token_fetch(80.2, 2)
    assert (
        made.step(ConnectionEnded(made.candidate.connection_id, 80.3, Refused(Problem("auth_rejected", "")), 0.5)) == ()
    )
    assert made.phase() is Phase.LIVE
    assert made.session.presented_token == 1


def test_a_candidate_that_is_refused_for_now_is_not_tried_again_before_the_servers_floor() -> None:
    made = story(sse=True)
    made.tick(80, heard=79.9)
    made.end_token_fetch(80, 2)
    made.step(ConnectionEnded(made.candidate.connection_id, 80, ServerBusy(429, 15), 0.5))
    assert made.tick(90, heard=89.9) == ()
    assert made.tick(95, heard=94.9) == (FetchToken(3),)


def test_a_token_fetch_in_progress_is_not_repeated_when_the_stream_breaks() -> None:
    made = story()
    made.tick(80, heard=79)
    made.close_stream(81)
    made.retry()
    made.live(82, Hello(1, START + timedelta(seconds=82), START + timedelta(seconds=100), "n1"))
    assert made.tick(82.1, heard=82) == ()
    assert made.end_token_fetch(82.2, 2) == (PresentToken(made.connection_id, 2),)


# --- requests next to the stream --------------------------------------------------------------------------------------


def test_requests_present_the_session_token_and_wait_while_there_is_none() -> None:
    made = SessionScript(keyed=True)
    assert made.session.request_token is None
    made.end_token_fetch(0, 1)
    assert made.session.request_token == 1
    made.live(0, hello())
    expire(made, 100)
    assert made.session.request_token is None
    made.end_token_fetch(100, 2)
    assert made.session.request_token == 2
    refuse(made, 100.1)
    assert (made.phase(), made.session.request_token) == (Phase.SIGNED_OUT, None)
    assert SessionScript().session.request_token == 0


def test_after_a_fresh_token_was_refused_requests_present_the_one_in_use() -> None:
    made = story()
    made.tick(80, heard=79)
    made.end_token_fetch(80, 2)
    assert made.session.request_token == 2
    made.receive(80.1, Authenticated(None, "auth_rejected"))
    assert made.session.request_token == 1


def test_a_fresh_token_that_a_request_was_refused_with_is_not_presented_by_another_one() -> None:
    made = story()
    made.tick(80, heard=79)
    made.end_token_fetch(80, 2)
    assert made.refuse_request(80.05, 2) == ()
    assert made.session.request_token == 1
    made.receive(80.1, Authenticated(START + timedelta(seconds=180)))
    assert made.session.request_token == 2


@pytest.mark.parametrize("sse", [False, True], ids=["duplex", "one-way"])
def test_a_request_that_is_refused_for_the_token_in_use_has_a_fresh_one_fetched_and_presented(sse: bool) -> None:
    made = story(sse=sse)
    assert made.refuse_request(10, 1) == (FetchToken(2),)
    assert (made.phase(), made.session.request_token) == (Phase.LIVE, None)
    assert made.refuse_request(10.1, 1) == ()
    expected = OpenStream(made.connection_id + 1, "sse", 2) if sse else PresentToken(made.connection_id, 2)
    assert made.end_token_fetch(10.2, 2) == (expected,)
    assert made.session.request_token == 2


def test_a_refusal_of_a_token_that_was_replaced_is_no_news() -> None:
    made = story()
    made.tick(80, heard=79)
    made.end_token_fetch(80, 2)
    made.receive(80.1, Authenticated(START + timedelta(seconds=180)))
    before = made.session
    assert made.refuse_request(80.2, 1) == ()
    assert made.session is before


def test_without_another_token_fetches_during_the_stream_follow_the_backoff() -> None:
    made = story(life=3000)
    made.refuse_request(10, 1)
    looks, at = [10.0], 10.0
    while len(looks) < 15:
        assert made.end_token_fetch(at, 1) == ()
        at = made.session.fetch_token_at or 0
        assert isinstance(made.tick(at, heard=at)[0], FetchToken)
        looks.append(at)
    waits = [later - earlier for earlier, later in pairwise(looks)]
    assert waits[0] <= 0.25
    assert waits == sorted(waits)
    assert 15 <= waits[-1] <= 30
    assert made.phase() is Phase.LIVE


def test_a_request_that_is_refused_while_there_is_no_stream_counts_like_a_stream_that_is() -> None:
    made = story()
    made.close_stream(10)
    assert made.refuse_request(10.01, 1) == (FetchToken(2),)
    assert made.phase() is Phase.CONNECTING
    assert made.end_token_fetch(10.1, 2) == (OpenStream(made.connection_id, "websocket", 2),)
    made.fail(10.2)
    assert made.refuse_request(10.21, 2) == ()
    assert (made.phase(), made.session.downtime.code) == (Phase.SIGNED_OUT, "token_expired")


def test_a_request_that_is_refused_while_a_stream_is_being_opened_leaves_the_decision_to_the_streams_own_answer() -> (
    None
):
    made = story()
    made.close_stream(10)
    made.retry()
    assert made.refuse_request(10.4, 1) == ()
    assert (made.phase(), made.session.request_token) == (Phase.CONNECTING, None)
    made.live(10.5, Hello(1, START + timedelta(seconds=10.5), START + timedelta(seconds=100), "n1"))
    assert made.tick(10.5, heard=10.5) == (FetchToken(2),)


def test_a_token_that_is_rejected_on_a_request_while_there_is_no_stream_is_not_renewed() -> None:
    made = story()
    made.close_stream(10)
    assert made.refuse_request(10.01, 1, "auth_rejected") == ()
    assert (made.phase(), made.session.downtime.code) == (Phase.SIGNED_OUT, "auth_rejected")


def test_fresh_tokens_that_requests_are_refused_with_are_not_fetched_one_after_the_other() -> None:
    made, at, looks = story(life=3000), 10.0, 0
    while at < 70:
        at = max(at, made.session.fetch_token_at or 0)
        made.refuse_request(at, made.session.tokens.current)
        if FetchToken(made.session.tokens.fetches) not in made.actions:
            at = made.session.fetch_token_at or 0
            assert isinstance(made.tick(at, heard=at)[0], FetchToken)
        looks += 1
        made.end_token_fetch(at, made.session.tokens.current + 1)
        made.receive(at, Authenticated(START + timedelta(seconds=3000)))
    assert looks <= 16


def test_signed_out_a_request_of_the_user_has_a_token_looked_for_at_the_same_pace() -> None:
    made = story()
    refuse(made, 10, "auth_rejected")
    assert made.session.deadline(10) is None
    assert made.step(TokenNeeded(10)) == (FetchToken(2),)
    assert made.step(TokenNeeded(10)) == ()
    looks, at = [10.0], 10.0
    while at < 70:
        assert made.end_token_fetch(at, 1) == ()
        assert made.phase() is Phase.SIGNED_OUT
        at = made.session.deadline(0) or 0
        assert isinstance(made.tick(at)[0], FetchToken)
        looks.append(at)
    assert len(looks) <= 16
    assert made.end_token_fetch(at, 2) == (OpenStream(made.connection_id, "websocket", 2),)
    made.live(at, hello())
    assert not made.session.tokens.is_needed


def test_a_source_that_keeps_changing_to_tokens_that_are_refused_is_read_at_the_same_pace() -> None:
    made, at, opened = story(), 10.0, 0
    refuse(made, at, "auth_rejected")
    while at < 70:
        at += 2
        if made.step(CredentialsChanged(at)):
            opened += isinstance(made.end_token_fetch(at, made.session.tokens.current + 1)[0], OpenStream)
            refuse(made, at, "auth_rejected")
    assert opened <= 16


def test_a_source_that_changes_after_fetches_of_the_same_token_is_read_at_once() -> None:
    made, at = story(), 10.0
    refuse(made, at, "auth_rejected")
    made.step(TokenNeeded(at))
    for _ in range(12):
        made.end_token_fetch(at, 1)
        at = made.session.deadline(0) or 0
        made.tick(at)
    made.end_token_fetch(at, 1)
    assert (made.session.deadline(0) or 0) > at + 5
    assert isinstance(made.step(CredentialsChanged(at + 1))[0], FetchToken)


def test_the_servers_floor_holds_for_a_request_that_is_refused_too() -> None:
    made = story()
    made.step(ConnectionEnded(made.connection_id, 10, ServerBusy(503, 100), 0.0))
    assert made.refuse_request(10.1, 1) == (FetchToken(2),)
    assert made.end_token_fetch(10.2, 2) == ()
    assert made.wait.retry_floor == 110
