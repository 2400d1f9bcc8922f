"""Unknown messages and fields are ignored and counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.orders import event, snapshot
from tracker_tui.domain.event import Snapshot
from tracker_tui.wire.codec import IgnoredCounts, ProtocolViolation, decode, encode
from tracker_tui.wire.messages import Goodbye, Unknown

GOODBYE = '{"type":"goodbye","reason":"x"}'


def of(message: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(encode(message))
    return body


@pytest.mark.parametrize("kind", ['"telepathy"', '""', '"Event"', '"hello "'])
def test_a_message_of_an_unknown_type_is_ignored_and_counted(kind: str) -> None:
    tally = IgnoredCounts()
    assert decode(f'{{"type":{kind},"payload":{{"a":[1,2]}}}}', tally) == Unknown()
    assert tally == IgnoredCounts(unknown_types=1)
    assert decode(f'{{"type":{kind}}}') == Unknown()


def test_unknown_fields_are_ignored_and_counted_nested_ones_too() -> None:
    body = of(event(3))
    body["new"] = 1
    body["state"].update(new=None, newer={"a": 1})
    body["milestone"]["new"] = [1]
    tally = IgnoredCounts()
    assert decode(json.dumps(body), tally) == event(3)
    assert tally == IgnoredCounts(unknown_fields=4)
    assert decode(json.dumps(body)) == event(3)


def test_unknown_fields_inside_lists_are_counted_one_by_one() -> None:
    body = of(snapshot(3))
    for line in body["history"]:
        line["new"] = 1
    body["order"]["flow"]["stages"][0]["new"] = 1
    tally = IgnoredCounts()
    assert decode(json.dumps(body), tally) == snapshot(3)
    assert tally == IgnoredCounts(unknown_fields=4)


def test_counts_add_up_and_known_fields_are_not_counted() -> None:
    tally = IgnoredCounts()
    for text in (GOODBYE, '{"type":"x"}', GOODBYE[:-1] + ',"a":1}', '{"type":"y"}', GOODBYE[:-1] + ',"a":1,"b":2}'):
        decode(text, tally)
    assert tally == IgnoredCounts(unknown_types=2, unknown_fields=3)


def test_an_unknown_field_excuses_no_violation() -> None:
    for part, field, value in [("state", "flags", 3), ("milestone", "seq", 4)]:
        body = of(event(3))
        body["new"] = 1
        body[part][field] = value
        with pytest.raises(ProtocolViolation):
            decode(json.dumps(body))


def test_deep_nesting_in_an_unknown_field_is_ignored_within_the_limit_of_json() -> None:
    assert decode(GOODBYE[:-1] + ',"x":' + "[" * 100 + "]" * 100 + "}") == Goodbye("x")


def test_unknown_statuses_flags_and_flows_are_not_unknown_to_the_protocol() -> None:
    body = of(snapshot(3))
    body["state"].update(status="beamed_up", flags=["sparkling"])
    body["order"]["flow"] = {"id": "garden", "stages": []}
    message = decode(json.dumps(body))
    assert isinstance(message, Snapshot)
    assert (message.state.status, message.state.flags) == ("beamed_up", ("sparkling",))
