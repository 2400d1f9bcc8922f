"""Properties: messages survive a round trip, and any bytes are a message or a violation."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.orders import event, snapshot
from tests.support.server_logs import PROPERTY
from tests.support.strategies import client_messages, server_messages
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.wire.codec import IgnoredCounts, ProtocolViolation, decode, decode_client, decode_problem, encode
from tracker_tui.wire.messages import ClientMessage, Message, Problem

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=9)
    | st.sampled_from(["7:3", "A1", "2026-11-24T14:00:00Z", "event", 10**16, 10**400, -0.0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@PROPERTY
@given(server_messages())
def test_messages_of_a_server_survive_a_round_trip(message: Message) -> None:
    tally = IgnoredCounts()
    assert decode(encode(message), tally) == message
    assert decode(encode(message).encode(), tally) == message
    assert tally == IgnoredCounts()


@PROPERTY
@given(client_messages())
def test_messages_of_a_client_survive_a_round_trip(message: ClientMessage) -> None:
    assert decode_client(encode(message)) == message


@given(st.binary(max_size=200) | st.text(st.characters(), max_size=200))
def test_any_bytes_are_a_message_or_a_violation(data: bytes | str) -> None:
    _read(data)


@PROPERTY
@given(JSON)
def test_any_json_is_a_message_or_a_violation(value: Any) -> None:
    _read(json.dumps(value))
    _read(json.dumps(value, ensure_ascii=False))


@settings(PROPERTY, max_examples=3 * PROPERTY.max_examples)
@given(st.data())
def test_a_message_with_any_value_in_any_field_is_a_message_or_a_violation(data: st.DataObject) -> None:
    sent = data.draw(st.sampled_from([event(3), snapshot(2), *EXAMPLES]))
    body = json.loads(encode(sent))
    place, key = body, data.draw(st.sampled_from([*body, "new"]))
    while isinstance(place.get(key), dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from([*place, "new"]))
    place[key] = data.draw(JSON)
    _read(json.dumps(body))


@given(st.data())
def test_a_message_cut_anywhere_or_with_any_byte_changed_is_a_message_or_a_violation(data: st.DataObject) -> None:
    sent = bytearray(encode(event(3)).encode())
    place = data.draw(st.integers(0, len(sent) - 1))
    if data.draw(st.booleans()):
        sent[place] = data.draw(st.integers(0, 255))
    else:
        del sent[place:]
    _read(bytes(sent))


@given(st.binary(max_size=100) | st.text(st.characters(), max_size=100) | JSON.map(json.dumps))
def test_any_body_of_a_refusal_is_a_problem_or_none(body: bytes | str) -> None:
    problem = decode_problem(body)
    assert problem is None or isinstance(problem, Problem)


@PROPERTY
@given(JSON, JSON, JSON)
def test_any_problem_can_be_shown_and_waited_for(code: Any, detail: Any, wait: Any) -> None:
    problem = decode_problem(json.dumps({"code": code, "detail": detail, "retryAfterSeconds": wait}))
    assert (problem is not None) == isinstance(code, str)
    if problem is not None:
        assert sanitize(problem.code + problem.detail).encode() is not None
        assert problem.retry_after_seconds is None or 0 <= problem.retry_after_seconds < 1e9
        assert type(problem.retry_after_seconds) in {int, float, type(None)}


EXAMPLES: list[Message] = [
    decoded
    for text in (
        '{"type":"hello","protocol":1,"serverTime":"2026-11-24T14:00:00Z","tokenExpiresAt":null,"node":"n"}',
        '{"type":"subscribed","orderId":"A1","mode":"replay","from":"7:1","head":"7:3"}',
        '{"type":"heartbeat","serverTime":"2026-11-24T14:00:00Z","heads":{"A1":"7:3"}}',
        '{"type":"problem","code":"forbidden","detail":"no"}',
    )
    if isinstance(decoded := decode(text), Message)
]


def _read(data: bytes | str) -> None:
    for read in (decode, decode_client):
        with suppress(ProtocolViolation):
            read(data, IgnoredCounts())
