"""English."""

from __future__ import annotations

from tracker_tui.domain.order import Outcome
from tracker_tui.wording.languages.language import Language, Tenses


def _plural(number: int) -> int:
    return 0 if number == 1 else 1


def _order(now: str, then: str) -> Tenses:
    return Tenses(f"Your order {now}", f"your order {then}")


def _ended(what: str) -> Tenses:
    return _order(f"{what} {{when}}", f"{what} {{when}}")


ENGLISH = Language(
    code="en",
    plural=_plural,
    units={
        "s": ("{number} second", "{number} seconds"),
        "min": ("{number} minute", "{number} minutes"),
        "h": ("{number} hour", "{number} hours"),
        "d": ("{number} day", "{number} days"),
    },
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    day="{weekday} {day} {month}",
    time_on_day="{time} on {day}",
    in_zone="{time} ({zone} time)",
    stages={
        "placed": _order("has been placed", "had been placed"),
        "accepted": _order("has been accepted", "had been accepted"),
        "preparing": _order("is being prepared", "was being prepared"),
        "ready": _order("is ready", "was ready"),
        "picked_up": _order("is with the courier", "was with the courier"),
        "arriving": _order("is nearly there", "was nearly there"),
        "label_created": _order("is registered for shipping", "was registered for shipping"),
        "in_transit": _order("is in transit", "was in transit"),
        "out_for_delivery": _order("is out for delivery", "was out for delivery"),
        "available_for_pickup": _order("is waiting to be picked up", "was waiting to be picked up"),
        "attempt_failed": _order("could not be delivered yet", "could not be delivered yet"),
        "held": _order("is on hold", "was on hold"),
        "returning": _order("is on its way back to the sender", "was on its way back to the sender"),
    },
    other_stage=_order("is at the stage “{stage}”", "was at the stage “{stage}”"),
    with_courier=_order("is on its way with {courier}", "was on its way with {courier}"),
    outcomes={
        Outcome.DELIVERED: _ended("was delivered"),
        Outcome.CANCELLED: _ended("was cancelled"),
        Outcome.REJECTED: _ended("was rejected"),
        Outcome.RETURNED: _ended("was returned to the sender"),
        Outcome.LOST: _ended("was reported lost"),
    },
    at="at {time}",
    around="around {time}",
    between="between {first} and {last}",
    by="by {time}",
    on_day="on {time}",
    expected=Tenses("{stage} and should arrive {arrival}", "{stage} and was expected {arrival}"),
    passed=Tenses(
        "{stage}; it was expected {arrival} and has not arrived yet",
        "{stage}; it was expected {arrival} and had not arrived",
    ),
    late="{sentence}, {delay} later than promised",
    late_without_arrival=Tenses(
        "{stage} and is {delay} later than promised", "{stage} and was {delay} later than promised"
    ),
    at_risk=Tenses(
        "{sentence}, and may be later than {promise}, the promised time",
        "{sentence}, possibly later than {promise}, the promised time",
    ),
    at_risk_by_day=Tenses(
        "{sentence}, and may be later than {promise}, the promised day",
        "{sentence}, possibly later than {promise}, the promised day",
    ),
    unknown="Nothing is known about this order yet",
    no_such_order="There is no order {order}",
    not_available="Order {order} is not available here",
    as_of="As of {time}, {sentence}",
    full_stop=".",
    copied="{sentence} (as of {time} {zone})",
)
"""English texts."""
