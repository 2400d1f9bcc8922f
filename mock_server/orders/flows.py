"""The two flows of the mock server, and the side states of a parcel (PROTOCOL §3)."""

from __future__ import annotations

from tracker_tui.domain.order import Flow, Stage

_MINUTE = 60.0
_HOUR = 3600.0

FOOD = Flow(
    "food",
    (
        Stage("placed", "Placed", 3 * _MINUTE),
        Stage("accepted", "Accepted", 5 * _MINUTE),
        Stage("preparing", "Preparing", 20 * _MINUTE),
        Stage("ready", "Ready", 8 * _MINUTE),
        Stage("picked_up", "Picked up", 25 * _MINUTE),
        Stage("arriving", "Arriving", 6 * _MINUTE),
        Stage("delivered", "Delivered"),
    ),
)
"""A meal that a courier carries from a restaurant to a door."""

PARCEL = Flow(
    "parcel",
    (
        Stage("label_created", "Label created", 24 * _HOUR),
        Stage("accepted", "Accepted", 24 * _HOUR),
        Stage("in_transit", "In transit", 72 * _HOUR),
        Stage("out_for_delivery", "Out for delivery", 10 * _HOUR),
        Stage("delivered", "Delivered"),
    ),
)
"""A parcel that passes hubs and ends with a delivery tour."""

PARCEL_SIDE_STATES = (
    Stage("available_for_pickup", "Available for pickup", 168 * _HOUR),
    Stage("attempt_failed", "Delivery attempt failed", 24 * _HOUR),
    Stage("held", "Held", 48 * _HOUR),
    Stage("returning", "Returning to sender", 168 * _HOUR),
)
"""States of a parcel that are not part of its flow."""

FLOWS = {flow.id: flow for flow in (FOOD, PARCEL)}
"""The flows by id."""

CANCELLABLE = frozenset({"placed", "accepted", "preparing", "ready", "label_created"})
"""Statuses in which an order can be cancelled: it has not been picked up yet."""
