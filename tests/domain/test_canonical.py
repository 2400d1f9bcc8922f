"""Tests of domain values as JSON (PROTOCOL §3)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.orders import EPOCH, START, at, milestone, order, state
from tracker_tui.domain.canonical import canonical, plain, rfc3339, wire_name
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import (
    Courier,
    Eta,
    Flow,
    Links,
    Location,
    MilestoneKind,
    Order,
    OrderState,
    Outcome,
    Place,
    Precision,
    Stage,
)

T = "2026-11-24T14:00:00.000Z"


def test_a_state_includes_nulls_and_empty_flags() -> None:
    assert plain(state()) == {
        "status": "placed",
        "outcome": None,
        "eta": None,
        "location": None,
        "flags": [],
        "courier": None,
        "attempt": 1,
        "updatedAt": T,
    }


def test_a_full_state_has_the_field_names_of_the_protocol() -> None:
    full = OrderState(
        "out_for_delivery",
        Outcome.DELIVERED,
        Eta(START, at(60), Precision.MINUTE),
        Location(52.5, 13.25, START, 8.5, "Kantstraße"),
        ("delayed",),
        Courier("Ada", "en_route"),
        2,
        START,
    )
    assert plain(full) == {
        "status": "out_for_delivery",
        "outcome": "delivered",
        "eta": {"earliest": T, "latest": "2026-11-24T14:01:00.000Z", "precision": "minute"},
        "location": {"lat": 52.5, "lon": 13.25, "capturedAt": T, "accuracyM": 8.5, "label": "Kantstraße"},
        "flags": ["delayed"],
        "courier": {"name": "Ada", "state": "en_route"},
        "attempt": 2,
        "updatedAt": T,
    }


def test_a_minimal_milestone_omits_optional_fields() -> None:
    assert plain(milestone(3)) == {
        "seq": 3,
        "kind": "update",
        "status": "placed",
        "occurredAt": "2026-11-24T14:00:03.000Z",
    }


def test_a_full_milestone_has_the_field_names_of_the_protocol() -> None:
    full = milestone(
        3, "ready", kind=MilestoneKind.CORRECTION, note="n", source="s", supersedes=(1, 2), command_id="c",
        occurred_at=START,
    )  # fmt: skip
    assert plain(full) == {
        "seq": 3,
        "kind": "correction",
        "status": "ready",
        "occurredAt": T,
        "note": "n",
        "source": "s",
        "supersedes": [1, 2],
        "commandId": "c",
    }


def test_minimal_facts_omit_optional_fields() -> None:
    assert plain(order(flow=Flow("f", (Stage("a", "A"),)))) == {
        "id": "A1",
        "title": "Two pizzas",
        "flow": {"id": "f", "stages": [{"id": "a", "label": "A"}]},
        "placedAt": T,
    }


def test_full_facts_have_the_field_names_of_the_protocol() -> None:
    place = Place(1.5, 2.5, "Home", "Europe/Berlin")
    full = Order(
        "A1", "T", Flow("f", (Stage("a", "A", 60),)), START, "Ada", START, Place(0.5, 0.5, "Shop"), place,
        ((0.5, 0.5), (1.5, 2.5)), Links("https://example.org/A1"),
    )  # fmt: skip
    assert plain(full) == {
        "id": "A1",
        "title": "T",
        "flow": {"id": "f", "stages": [{"id": "a", "label": "A", "slaSeconds": 60}]},
        "placedAt": T,
        "customer": "Ada",
        "promisedAt": T,
        "origin": {"lat": 0.5, "lon": 0.5, "label": "Shop"},
        "destination": {"lat": 1.5, "lon": 2.5, "label": "Home", "timeZone": "Europe/Berlin"},
        "route": [[0.5, 0.5], [1.5, 2.5]],
        "links": {"web": "https://example.org/A1"},
    }


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (START, T),
        (START.replace(microsecond=120_000), "2026-11-24T14:00:00.120Z"),
        (START.replace(microsecond=999_999), "2026-11-24T14:00:00.999Z"),
        (START.astimezone(timezone(timedelta(hours=5, minutes=30))), T),
    ],
)
def test_times_are_written_in_utc_with_milliseconds(time: datetime, text: str) -> None:
    assert rfc3339(time) == text


def test_a_cursor_within_a_value_is_written_as_text() -> None:
    assert plain({"A1": Cursor(EPOCH, 2), "A2": None}) == {"A1": f"{EPOCH}:2", "A2": None}


def test_canonical_json_is_sorted_and_compact_with_minimal_escapes() -> None:
    text = canonical(milestone(3, note='ü "\n'))
    assert text == (
        r'{"kind":"update","note":"ü \"\n","occurredAt":"2026-11-24T14:00:03.000Z","seq":3,"status":"placed"}'
    )
    assert json.loads(text) == plain(milestone(3, note='ü "\n'))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"lat": 0.0}, {"lat": -0.0}),
        ({"lat": 5.0}, {"lat": 5}),
        ({"time": START}, {"time": START.astimezone(timezone(timedelta(hours=2)))}),
    ],
)
def test_equal_values_have_equal_json(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one == other
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [({"time": START}, {"time": START.replace(microsecond=1)}), ({"n": 1e300}, {"n": 1.1e300}), ({"n": 1}, {"n": "1"})],
)
def test_different_values_have_different_json(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("attribute", "name"),
    [("seq", "seq"), ("order_id", "orderId"), ("from_", "from"), ("retry_after_seconds", "retryAfterSeconds")],
)
def test_wire_names_are_camel_case(attribute: str, name: str) -> None:
    assert wire_name(attribute) == name


def test_a_value_without_a_json_form_is_rejected() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        plain(object())
