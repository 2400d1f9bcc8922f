"""Messages as JSON, word for word (PROTOCOL §4)."""

from __future__ import annotations

import pytest

from tests.support.orders import EPOCH, START, event, milestone, order, snapshot
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Flow, Stage
from tracker_tui.wire.codec import decode, decode_client, encode
from tracker_tui.wire.messages import (
    Authenticate,
    Authenticated,
    ClientMessage,
    Goodbye,
    Heartbeat,
    Hello,
    Message,
    Mode,
    Problem,
    Subscribe,
    Subscribed,
    Unsubscribe,
)

T = '"2026-11-24T14:00:00.000Z"'
STATE = (
    '{"status":"placed","outcome":null,"eta":null,"location":null,"flags":[],"courier":null,"attempt":1,'
    f'"updatedAt":{T}}}'
)
LINE = f'{{"seq":2,"kind":"update","status":"placed","occurredAt":{T}}}'

SERVER: list[tuple[Message, str]] = [
    (
        Hello(1, START, None, "n1"),
        f'{{"type":"hello","protocol":1,"serverTime":{T},"tokenExpiresAt":null,"node":"n1","heartbeatSeconds":5}}',
    ),
    (
        Hello(1, START, START, "n1", 2.5),
        f'{{"type":"hello","protocol":1,"serverTime":{T},"tokenExpiresAt":{T},"node":"n1","heartbeatSeconds":2.5}}',
    ),
    (
        Subscribed("A1", Mode.REPLAY, Cursor(7, 1), Cursor(7, 3)),
        '{"type":"subscribed","orderId":"A1","mode":"replay","from":"7:1","head":"7:3"}',
    ),
    (
        Subscribed("A1", Mode.SNAPSHOT, None, Cursor(7, 0)),
        '{"type":"subscribed","orderId":"A1","mode":"snapshot","from":null,"head":"7:0"}',
    ),
    (
        snapshot(
            2,
            facts=order(flow=Flow("f", (Stage("a", "A"),))),
            history=(milestone(2, occurred_at=START),),
            history_from=2,
            updated_at=START,
        ),
        f'{{"type":"snapshot","orderId":"A1","epoch":{EPOCH},"seq":2,"order":{{"id":"A1","title":"Two pizzas",'
        f'"flow":{{"id":"f","stages":[{{"id":"a","label":"A"}}]}},"placedAt":{T}}},"state":{STATE},'
        f'"history":[{LINE}],"historyFrom":2}}',
    ),
    (
        event(2, quiet=True, updated_at=START),
        f'{{"type":"event","orderId":"A1","epoch":{EPOCH},"seq":2,"state":{STATE},"milestone":null}}',
    ),
    (
        Heartbeat(START, {"A1": Cursor(7, 3), "A2": Cursor(7, 0)}),
        f'{{"type":"heartbeat","serverTime":{T},"heads":{{"A1":"7:3","A2":"7:0"}}}}',
    ),
    (Heartbeat(START, {}), f'{{"type":"heartbeat","serverTime":{T},"heads":{{}}}}'),
    (Problem("forbidden", "no"), '{"type":"problem","code":"forbidden","detail":"no"}'),
    (
        Problem("rate_limited", "", "A1", 3),
        '{"type":"problem","code":"rate_limited","detail":"","orderId":"A1","retryAfterSeconds":3}',
    ),
    (Authenticated(START), f'{{"type":"authenticated","tokenExpiresAt":{T}}}'),
    (Authenticated(), '{"type":"authenticated","tokenExpiresAt":null}'),
    (Authenticated(error="auth_rejected"), '{"type":"authenticated","error":"auth_rejected"}'),
    (Goodbye("restarting"), '{"type":"goodbye","reason":"restarting"}'),
    (Goodbye("restarting", 1.5), '{"type":"goodbye","reason":"restarting","retryAfterSeconds":1.5}'),
]

CLIENT: list[tuple[ClientMessage, str]] = [
    (Subscribe({"A1": Cursor(7, 3), "A2": None}), '{"type":"subscribe","orders":{"A1":"7:3","A2":null}}'),
    (Unsubscribe(("A1", "A2")), '{"type":"unsubscribe","orders":["A1","A2"]}'),
    (Authenticate("secret"), '{"type":"authenticate","token":"secret"}'),
]


@pytest.mark.parametrize(("message", "text"), SERVER)
def test_messages_of_a_server(message: Message, text: str) -> None:
    assert encode(message) == text
    assert decode(text) == message
    assert decode(text.encode()) == message


@pytest.mark.parametrize(("message", "text"), CLIENT)
def test_messages_of_a_client(message: ClientMessage, text: str) -> None:
    assert encode(message) == text
    assert decode_client(text) == message
    assert decode_client(text.encode()) == message


def test_the_default_heartbeat_is_five_seconds() -> None:
    text = f'{{"type":"hello","protocol":1,"serverTime":{T},"tokenExpiresAt":null,"node":"n1"}}'
    assert decode(text) == Hello(1, START, None, "n1", 5)


def test_text_beyond_ascii_is_not_escaped() -> None:
    assert encode(Goodbye("bis später 👋")) == '{"type":"goodbye","reason":"bis später 👋"}'


def test_the_repr_of_a_message_hides_the_token() -> None:
    assert "secret" not in repr(Authenticate("secret"))
    assert "secret" not in f"{[Authenticate('secret')]}"
