"""The texts that a language of the sentence for the customer has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tracker_tui.domain.order import Outcome


@dataclass(frozen=True, slots=True)
class Tenses:
    """A text in two tenses.

    Attributes:
        now: The text while the order is known as it is now; it may begin a sentence.
        then: The text about the time up to which the order is known; it follows `Language.as_of`.
    """

    now: str
    then: str


@dataclass(frozen=True, slots=True)
class Language:
    """The texts of one language. A name in braces is a field; a text has all fields of the English one.

    Attributes:
        plural: Returns the index of the form that a number needs.
        units: The forms of each unit of a duration, by its abbreviation in `wording.times.age`.
        weekdays: The days of the week, from Monday on.
        months: The months, from January on.
        day: A day.
        time_on_day: A time of another day than today.
        in_zone: A time or day in another zone than the viewer's.
        stages: Clauses for the statuses that the protocol names.
        other_stage: The clause for any other status.
        with_courier: The clause while a courier brings the order, if the name may be said.
        outcomes: Clauses for ended orders.
        at: The time of an end.
        around: An arrival at about one time.
        between: An arrival within a window.
        by: An arrival before the end of a window that has begun.
        on_day: An arrival on a day.
        expected: A clause with an arrival to come.
        passed: A clause with an arrival that has not come in time.
        late: A sentence with the delay.
        late_without_arrival: A clause with the delay, if no arrival is known.
        at_risk: A sentence with a promised time that will perhaps not be kept.
        at_risk_by_day: The same with a promised day.
        unknown: A sentence about an order of which nothing is known.
        no_such_order: A sentence about an order that the server does not know.
        not_available: A sentence about an order that the server does not show.
        as_of: The time up to which the order is known, and the sentence.
        full_stop: The end of the sentence.
        copied: The sentence, and the time up to which it is known.
    """

    code: str
    plural: Callable[[int], int]
    units: Mapping[str, tuple[str, ...]]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    time_on_day: str
    in_zone: str
    stages: Mapping[str, Tenses]
    other_stage: Tenses
    with_courier: Tenses
    outcomes: Mapping[Outcome, Tenses]
    at: str
    around: str
    between: str
    by: str
    on_day: str
    expected: Tenses
    passed: Tenses
    late: str
    late_without_arrival: Tenses
    at_risk: Tenses
    at_risk_by_day: Tenses
    unknown: str
    no_such_order: str
    not_available: str
    as_of: str
    full_stop: str
    copied: str
