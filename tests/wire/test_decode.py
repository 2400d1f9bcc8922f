"""Data that is not a message of the protocol is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.orders import event, snapshot
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.codec import MAX_CLIENT_FRAME, MAX_MESSAGE, ProtocolViolation, decode, decode_client, encode
from tracker_tui.wire.messages import Heartbeat, Subscribe, Unknown

Body = dict[str, Any]

EVENT: Callable[[], Body] = lambda: json.loads(encode(event(3)))  # noqa: E731
SNAPSHOT: Callable[[], Body] = lambda: json.loads(encode(snapshot(3)))  # noqa: E731
GOODBYE = '{"type":"goodbye","reason":"x"}'


def heartbeat(**fields: Any) -> str:
    return json.dumps({"type": "heartbeat", "serverTime": "2026-11-24T14:00:00.000Z", "heads": {}, **fields})


def put(body: Body, path: str, value: Any) -> str:
    """Return the body with the value at the dotted path replaced."""
    *parents, last = path.split(".")
    place: Any = body
    for part in parents:
        place = place[int(part) if part.isdigit() else part]
    place[last] = value
    return json.dumps(body)


@pytest.mark.parametrize(
    "data",
    [
        "",
        b"",
        " ",
        "null",
        "true",
        "42",
        '"goodbye"',
        "[]",
        f"[{GOODBYE}]",
        "{}",
        '{"reason":"x"}',
        GOODBYE[:-1],
        GOODBYE + GOODBYE,
        "{'type':'goodbye','reason':'x'}",
        "\ufeff" + GOODBYE,
        GOODBYE.encode("utf-16"),
        b'{"type":"goodbye","reason":"\xff"}',
        b'{"type":"goodbye","reason":"\xed\xa0\x80"}',
        b"\x00\x01\x02",
        '{"type":"goodbye","reason":"\\ud800"}',
        '{"type":"goodbye","reason":"\ud800"}',
        '{"type":"goodbye","reason":"\x1b"}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"type":"new","x":' + "[" * 10_000 + "]" * 10_000 + "}",
        '{"type":"goodbye","reason":"x","retryAfterSeconds":1' + "0" * 10_000 + "}",
    ],
)  # fmt: skip
def test_data_that_is_not_a_json_object_with_a_type_is_refused(data: bytes | str) -> None:
    for read in (decode, decode_client):
        with pytest.raises(ProtocolViolation):
            read(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("orderId", None),
        ("orderId", 7),
        ("orderId", ""),
        ("orderId", "A1\n"),
        ("orderId", "../A1"),
        ("orderId", "x" * 65),
        ("epoch", -1),
        ("epoch", 10**16),
        ("epoch", "1764000000000"),
        ("seq", 0),
        ("seq", 3.0),
        ("seq", 3.5),
        ("seq", True),
        ("seq", "3"),
        ("seq", 10**400),
        ("seq", None),
        ("state", None),
        ("state", []),
        ("state.status", None),
        ("state.status", "x" * 65),
        ("state.outcome", "eaten"),
        ("state.outcome", ""),
        ("state.flags", None),
        ("state.flags", "delayed"),
        ("state.flags", [1]),
        ("state.attempt", 0),
        ("state.attempt", "1"),
        ("state.courier", "Ada"),
        ("state.eta", {"earliest": "2026-11-24T14:00:00Z", "latest": "2026-11-24T14:00:00Z"}),
        ("state.eta", {"earliest": "2026-11-24T14:00:00Z", "latest": "2026-11-24T14:00:00Z", "precision": "week"}),
        ("state.location", {"lat": 91, "lon": 0, "capturedAt": "2026-11-24T14:00:00Z"}),
        ("state.location", {"lat": 0, "lon": -181, "capturedAt": "2026-11-24T14:00:00Z"}),
        ("state.location", {"lat": float("nan"), "lon": 0, "capturedAt": "2026-11-24T14:00:00Z"}),
        ("state.location", {"lat": 0, "lon": float("inf"), "capturedAt": "2026-11-24T14:00:00Z"}),
        ("state.location", {"lat": "0", "lon": 0, "capturedAt": "2026-11-24T14:00:00Z"}),
        ("state.location", {"lat": 0, "lon": 0}),
        ("state.location", {"lat": 0, "lon": 0, "capturedAt": "2026-11-24T14:00:00Z", "accuracyM": -1}),
        ("state.updatedAt", None),
        ("state.updatedAt", 1764000000),
        ("state.updatedAt", "yesterday"),
        ("state.updatedAt", "2026-11-24"),
        ("state.updatedAt", "2026-11-24T14:00:00"),
        ("state.updatedAt", "2026-13-24T14:00:00Z"),
        ("state.updatedAt", "1969-12-31T23:59:59Z"),
        ("state.updatedAt", "0001-01-01T00:00:00+23:59"),
        ("state.updatedAt", "9999-12-31T23:59:59Z"),
        ("milestone", "null"),
        ("milestone.seq", 4),
        ("milestone.kind", "rumour"),
        ("milestone.occurredAt", None),
        ("milestone.note", 5),
        ("milestone.supersedes", 1),
        ("milestone.supersedes", [0]),
        ("milestone.supersedes", ["1"]),
    ],
)
def test_an_event_with_a_wrong_value_is_refused(path: str, value: Any) -> None:
    with pytest.raises(ProtocolViolation):
        decode(put(EVENT(), path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("seq", -1),
        ("historyFrom", -1),
        ("historyFrom", None),
        ("history", None),
        ("history", {}),
        ("history.0.seq", 4),
        ("history.0.seq", 0),
        ("order", None),
        ("order.id", "A2"),
        ("order.title", None),
        ("order.flow.stages", None),
        ("order.flow.stages.0.label", 1),
        ("order.flow.stages.0.slaSeconds", -1),
        ("order.flow.stages.0.slaSeconds", float("inf")),
        ("order.placedAt", "now"),
        ("order.promisedAt", ""),
        ("order.origin", {"lat": 0, "lon": 0}),
        ("order.route", [[0]]),
        ("order.route", [[0, 0, 0]]),
        ("order.route", [[91, 0]]),
        ("order.route", [[0, 0]] * 201),
        ("order.links", "https://example.org"),
    ],
)
def test_a_snapshot_with_a_wrong_value_is_refused(path: str, value: Any) -> None:
    with pytest.raises(ProtocolViolation):
        decode(put(SNAPSHOT(), path, value))


def test_a_snapshot_holds_at_most_500_milestones() -> None:
    body = json.loads(encode(snapshot(501)))
    assert isinstance(decode(json.dumps(body)), Snapshot)
    body["history"].insert(0, {**body["history"][0], "seq": 1})
    with pytest.raises(ProtocolViolation, match="history"):
        decode(json.dumps(body))


@pytest.mark.parametrize("field", ["orderId", "epoch", "seq", "state", "milestone"])
def test_an_event_without_one_of_its_fields_is_refused(field: str) -> None:
    body = EVENT()
    del body[field]
    with pytest.raises(ProtocolViolation, match=field):
        decode(json.dumps(body))


@pytest.mark.parametrize("field", list(EVENT()["state"]))
def test_a_state_without_one_of_its_fields_is_refused(field: str) -> None:
    body = EVENT()
    del body["state"][field]
    with pytest.raises(ProtocolViolation, match=field):
        decode(json.dumps(body))


@pytest.mark.parametrize("field", ["orderId", "epoch", "seq", "order", "state", "history", "historyFrom"])
def test_a_snapshot_without_one_of_its_fields_is_refused(field: str) -> None:
    body = SNAPSHOT()
    del body[field]
    with pytest.raises(ProtocolViolation, match=field):
        decode(json.dumps(body))


@pytest.mark.parametrize("cursor", ["7:3\n", "07:3", "7:1_0", "７:3", "7", "", "7:10000000000000000", 7, None, [7, 3]])
def test_a_bad_cursor_is_refused_wherever_it_stands(cursor: Any) -> None:
    subscribed = {"type": "subscribed", "orderId": "A1", "mode": "replay", "from": "7:1", "head": cursor}
    for text in (heartbeat(heads={"A1": cursor}), json.dumps(subscribed)):
        with pytest.raises(ProtocolViolation):
            decode(text)
    if cursor is not None:
        with pytest.raises(ProtocolViolation):
            decode_client(json.dumps({"type": "subscribe", "orders": {"A1": cursor}}))


@pytest.mark.parametrize("order_id", ["", "A1\n", "-A1", "x" * 65, "Ä1"])
def test_a_bad_order_id_is_refused_as_a_key_too(order_id: str) -> None:
    with pytest.raises(ProtocolViolation):
        decode(heartbeat(heads={order_id: "7:3"}))
    for orders in ({"type": "subscribe", "orders": {order_id: None}}, {"type": "unsubscribe", "orders": [order_id]}):
        with pytest.raises(ProtocolViolation):
            decode_client(json.dumps(orders))


@pytest.mark.parametrize("seconds", [0, 0.5, 31, -5, "5", True, None, float("nan")])
def test_a_heartbeat_is_one_to_thirty_seconds(seconds: Any) -> None:
    hello = {"type": "hello", "protocol": 1, "serverTime": "2026-11-24T14:00:00Z", "tokenExpiresAt": None, "node": "n"}
    with pytest.raises(ProtocolViolation, match="heartbeatSeconds"):
        decode(json.dumps({**hello, "heartbeatSeconds": seconds}))


@pytest.mark.parametrize("seconds", ["-1", "NaN", "Infinity", "1e999", "true", '"5"'])
def test_a_wait_is_a_finite_number_of_seconds(seconds: str) -> None:
    with pytest.raises(ProtocolViolation, match="retryAfterSeconds"):
        decode(f'{{"type":"goodbye","reason":"x","retryAfterSeconds":{seconds}}}')


def test_names_are_those_of_the_wire_and_not_pythons() -> None:
    with pytest.raises(ProtocolViolation, match="serverTime"):
        decode('{"type":"heartbeat","server_time":"2026-11-24T14:00:00Z","heads":{}}')


def test_client_and_server_messages_are_not_interchangeable() -> None:
    assert decode_client(GOODBYE) == Unknown()
    assert decode('{"type":"subscribe","orders":{}}') == Unknown()


def test_a_violation_is_one_line_that_names_the_field() -> None:
    with pytest.raises(ProtocolViolation) as caught:
        decode(put(EVENT(), "state.flags", 3))
    assert str(caught.value) == "event.state.flags: Input should be a valid array"


def test_a_violation_shows_a_short_part_of_the_data() -> None:
    for order_id in ("A1\x1b[2J\n", "x" * 100_000):
        with pytest.raises(ProtocolViolation) as caught:
            decode(heartbeat(heads={order_id: "7:3"}))
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 200


@pytest.mark.parametrize("read", [decode, decode_client])
@pytest.mark.parametrize("as_bytes", [True, False])
def test_the_limit_is_in_bytes(read: Callable[[bytes | str], object], as_bytes: bool) -> None:
    limit = MAX_MESSAGE if read is decode else MAX_CLIENT_FRAME
    head, tail = '{"type":"new","x":"', '"}'
    room = limit - len(head) - len(tail)
    fits, over = head + "x" * room + tail, head + "x" * (room + 1) + tail
    wide = head + "ü" * (room // 2 + 1) + tail
    assert read(fits.encode() if as_bytes else fits) == Unknown()
    for text in (over, wide):
        with pytest.raises(ProtocolViolation, match="the limit is"):
            read(text.encode() if as_bytes else text)


def test_the_limits_are_those_of_the_protocol() -> None:
    assert (MAX_MESSAGE, MAX_CLIENT_FRAME) == (1024 * 1024, 256 * 1024)


def test_decoding_returns_values_of_the_domain() -> None:
    assert type(decode(json.dumps(EVENT()))) is Event
    assert type(decode(heartbeat())) is Heartbeat
    assert type(decode_client('{"type":"subscribe","orders":{}}')) is Subscribe
