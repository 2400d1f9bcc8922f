"""The specification of one order in a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from mock_server.orders.flows import FLOWS
from mock_server.simulation.lifecycles.places import CITIES
from mock_server.validation import integer_field, number_field, text_field
from tracker_tui.domain.order import Outcome, is_order_id

T = TypeVar("T")


class Twist(StrEnum):
    """An incident in the lifecycle of an order."""

    HELD = "held"
    """The parcel is held until its address is completed; the destination then changes."""
    LATE_SCAN = "late_scan"
    """A carrier's scan arrives hours late: a milestone with an older status than the state's."""
    WRONG_SCAN = "wrong_scan"
    """A scan belonged to another parcel: a correction supersedes it."""
    PICKUP = "pickup"
    """The parcel waits in a shop, and is collected there."""
    REOPENED = "reopened"
    """The order is reported delivered by mistake, reopened by a correction, and delivered later."""
    SILENT_COURIER = "silent_courier"
    """The courier's positions stop during the delivery."""


TWISTS = {
    "food": (Twist.REOPENED, Twist.SILENT_COURIER),
    "parcel": tuple(Twist),
}
"""The twists of each flow."""

ENDINGS = {
    "food": (Outcome.DELIVERED, Outcome.CANCELLED, Outcome.REJECTED),
    "parcel": (Outcome.DELIVERED, Outcome.CANCELLED, Outcome.RETURNED, Outcome.LOST),
}
"""The outcomes of each flow."""

ENDED = "ended"
"""The value of `OrderSpec.start` for an order that has ended before the server starts."""


MAX_SECONDS = 30 * 86_400
"""The longest time that a scenario may name: 30 days."""


_ORDER_ID = "an order id: 1 to 64 letters, digits and . _ - with a letter or digit first"


def _check_order_id(text: str) -> str:
    if not is_order_id(text):
        raise ValueError(f"must be {_ORDER_ID}")
    return text


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class OrderSpec:
    """One order of a scenario. Values that are None are drawn from the seed.

    Attributes:
        id: The order's id.
        flow: ``food`` or ``parcel``.
        title: The title of the order.
        customer: The customer's name.
        city: The city of delivery, a name in `CITIES`.
        start: The status at the start of the server, or ``ended``; earlier events are history.
        progress: The completed share of that stage, from 0 to 1.
        appears: Simulated seconds after the start at which the order is placed; 0 if it exists at the start.
        ending: The outcome.
        ends_in: The stage in which it is cancelled.
        slips: The number of times its ETA slips.
        failed_attempts: The number of failed delivery attempts (parcel).
        twists: The incidents.
        promised_minutes: Minutes between placing and the promised time.
        lasts: Simulated seconds from the start, or from its appearance, to its end; determines the pace.
        pace: The factor by which time passes faster from the start on.
        position_seconds: Simulated seconds between two positions of the courier.
        notes: Notes of support staff, spread over the rest of the lifecycle.
    """

    id: Annotated[str, AfterValidator(_check_order_id), Field(description=_ORDER_ID)]
    flow: Annotated[Literal["food", "parcel"], Field(description=f"one of {', '.join(FLOWS)}")] = "food"
    title: Annotated[str | None, text_field()] = None
    customer: Annotated[str | None, text_field()] = None
    city: Annotated[str | None, Field(description=f"one of {', '.join(CITIES)}")] = None
    start: Annotated[str | None, text_field()] = None
    progress: Annotated[float | None, number_field(0, 1)] = None
    appears: Annotated[float, number_field(0, MAX_SECONDS)] = 0.0
    ending: Outcome = Outcome.DELIVERED
    ends_in: str | None = None
    slips: Annotated[int | None, integer_field(0, 3)] = None
    failed_attempts: Annotated[int, integer_field(0, 5)] = 0
    twists: tuple[Twist, ...] = ()
    promised_minutes: Annotated[float | None, number_field(0, MAX_SECONDS / 60)] = None
    lasts: Annotated[float | None, number_field(1, MAX_SECONDS)] = None
    pace: Annotated[float | None, number_field(0.01, 100_000)] = None
    position_seconds: Annotated[float | None, number_field(0.01, 3600)] = None
    notes: tuple[Annotated[str, text_field()], ...] = ()

    @field_validator("city")
    @classmethod
    def _check_city(cls, city: str | None) -> str | None:
        if city is not None and city not in CITIES:
            raise ValueError(f"must be one of {', '.join(CITIES)}")
        return city

    @field_validator("progress")
    @classmethod
    def _check_progress(cls, progress: float | None, info: ValidationInfo) -> float | None:
        return _left_out(progress, "unless start names a stage", info.data.get("start") is None)

    @field_validator("appears")
    @classmethod
    def _check_appears(cls, appears: float, info: ValidationInfo) -> float:
        is_wrong = appears > 0 and info.data.get("start") is not None
        return _left_out(appears, "where start is given: an order appears as placed", is_wrong)

    @field_validator("ending")
    @classmethod
    def _check_ending(cls, ending: Outcome, info: ValidationInfo) -> Outcome:
        return _one_of(ending, ENDINGS, info)

    @field_validator("ends_in")
    @classmethod
    def _check_ends_in(cls, stage: str | None, info: ValidationInfo) -> str | None:
        _left_out(stage, "unless ending is 'cancelled'", info.data.get("ending") is not Outcome.CANCELLED)
        return None if stage is None else _one_of(stage, _CANCELLABLE_STAGES, info)

    @field_validator("failed_attempts")
    @classmethod
    def _check_failed_attempts(cls, attempts: int, info: ValidationInfo) -> int:
        return _left_out(attempts, "unless flow is 'parcel'", attempts > 0 and info.data.get("flow") == "food")

    @field_validator("twists")
    @classmethod
    def _check_twists(cls, twists: tuple[Twist, ...], info: ValidationInfo) -> tuple[Twist, ...]:
        allowed = TWISTS.get(info.data.get("flow", ""), tuple(Twist))
        if not set(twists) <= set(allowed):
            raise ValueError(f"must be a list out of {', '.join(allowed)}")
        return tuple(dict.fromkeys(twists))

    @field_validator("lasts")
    @classmethod
    def _check_lasts(cls, lasts: float | None, info: ValidationInfo) -> float | None:
        return _left_out(lasts, f"where start is {ENDED!r}", info.data.get("start") == ENDED)

    @field_validator("pace")
    @classmethod
    def _check_pace(cls, pace: float | None, info: ValidationInfo) -> float | None:
        return _left_out(pace, "where lasts is given", info.data.get("lasts") is not None)


_CANCELLABLE_STAGES = {name: tuple(stage.id for stage in flow.stages[:-2]) for name, flow in FLOWS.items()}
"""The stages in which an order of each flow can be cancelled: all but the last two."""


def _left_out(value: T, condition: str, is_wrong: bool) -> T:
    """Return the value of a key; raise ValueError if the key must be left out."""
    if value is not None and is_wrong:
        raise ValueError(f"must be left out {condition}")
    return value


def _one_of(value: T, choices: Mapping[str, Sequence[T]], info: ValidationInfo) -> T:
    """Return the value; raise ValueError if the order's flow does not have it."""
    allowed = choices.get(info.data.get("flow", ""), (value,))
    if value not in allowed:
        raise ValueError(f"must be one of {', '.join(map(str, allowed))}")
    return value
