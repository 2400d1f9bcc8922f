"""The sentence that a support agent can say to the customer about an order.

It has the order's stage, the expected arrival as exactly as it is known, and the delay. It has no cause, no distance,
no apology, and no name of the courier unless the user wants it. All of its words are in `wording.languages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker_tui.domain.lateness import Lateness, ended_at, judged_in, late_by, lateness
from tracker_tui.domain.order import OrderState
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import label
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.arrival import ArrivalForm, ExpectedArrival, at_destination, expected_arrival, place_of_zone
from tracker_tui.wording.languages.en import ENGLISH
from tracker_tui.wording.languages.language import Language, Tenses
from tracker_tui.wording.times import Instant, age, zone_abbreviation

MAX_NAME = 40
"""Characters of a stage's or a courier's name; longer ones are cut."""

_UNDER_WAY = {"en_route", "at_dropoff"}
"""States of a courier who brings the order (PROTOCOL §3)."""


def customer_sentence(
    view: OrderView,
    instant: Instant,
    *,
    judged_at: datetime | None = None,
    as_of: datetime | None = None,
    refusal: str | None = None,
    names_courier: bool = False,
    language: Language = ENGLISH,
) -> str:
    """Return one sentence for the customer, on one line, with a full stop.

    Times are in the zone of the destination, which is named if its times differ from those of the instant's zone.

    Args:
        view: The order.
        instant: The present, and the viewer's zone.
        judged_at: The wall time up to which the order is known; None for `as_of` or the present.
        as_of: The time with which the sentence begins, of an order that is not known to be current; else None.
        refusal: The server's code if it doesn't show the order (PROTOCOL §8).
        names_courier: Whether the sentence may name the courier.
        language: The language.
    """
    if view.current is None:
        clause = {None: language.unknown, "order_not_found": language.no_such_order}
        return clause.get(refusal, language.not_available).format(order=view.order_id) + language.full_stop
    there = at_destination(view, instant)
    place = place_of_zone(there, instant, as_of or instant.now)
    is_past, judged_at = as_of is not None, judged_at or as_of or instant.now
    speaker = _Speaker(view, there, "" if is_past else place, language, judged_at, is_past, names_courier)
    sentence = speaker.sentence(view.current)
    if as_of is not None:
        sentence = language.as_of.format(time=speaker.in_zone(speaker.time(as_of), place), sentence=sentence)
    return sentence + language.full_stop


def copied_sentence(
    sentence: str, view: OrderView, instant: Instant, as_of: datetime | None, *, language: Language = ENGLISH
) -> str:
    """Return the sentence with the time up to which the order is known: ``… (as of 18:45 CET)``.

    Args:
        sentence: The sentence.
        view: The order.
        instant: The present, and the viewer's zone.
        as_of: The time; None for the present.
        language: The language of the sentence.
    """
    at, there = as_of or instant.now, at_destination(view, instant)
    time = _Speaker(view, there, "", language, at).time(at)
    return language.copied.format(sentence=sentence, time=time, zone=zone_abbreviation(there, at))


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Says the parts of the sentence about one order.

    Attributes:
        there: The present at the destination.
        place: The name of the destination's zone, to be said with the first time; empty if it needs no name.
        judged_at: The wall time up to which the order is known.
        is_past: Whether that is said to be in the past.
    """

    view: OrderView
    there: Instant
    place: str
    language: Language
    judged_at: datetime
    is_past: bool = False
    names_courier: bool = False

    def sentence(self, state: OrderState) -> str:
        """Return the sentence without its full stop."""
        delay = self._delay()
        if state.outcome is not None:
            when = self.in_zone(self.language.at.format(time=self.time(ended_at(self.view))), self.place)
            return self._with_delay(self._tense(self.language.outcomes[state.outcome]).format(when=when), delay)
        stage, expected = self._stage(state), expected_arrival(self.view, self.there, self.judged_at)
        is_at_risk = lateness(self.view, self.judged_at) is Lateness.AT_RISK
        if expected is None and delay:
            return self._tense(self.language.late_without_arrival).format(stage=stage, delay=delay)
        if expected is None:
            return self._at_risk(stage, self.place) if is_at_risk else stage
        clause = self.language.passed if expected.form is ArrivalForm.PASSED else self.language.expected
        arrival = self.in_zone(self._arrival(expected), self.place)
        sentence = self._tense(clause).format(stage=stage, arrival=arrival)
        return self._at_risk(sentence, "") if is_at_risk else self._with_delay(sentence, delay)

    def time(self, at: datetime) -> str:
        """Return a time of day, with its day unless that is today."""
        time, now = self.there.local(at), self.there.local(self.there.now)
        clock = f"{time:%H:%M}"
        return clock if time.date() == now.date() else self.language.time_on_day.format(time=clock, day=self._day(at))

    def in_zone(self, time: str, place: str) -> str:
        """Return a time with the name of its zone, if that is not empty."""
        return self.language.in_zone.format(time=time, zone=place) if place else time

    def _tense(self, text: Tenses) -> str:
        return text.then if self.is_past else text.now

    def _stage(self, state: OrderState) -> str:
        courier = state.courier
        if courier is not None and courier.name and courier.state in _UNDER_WAY and self.names_courier:
            return self._tense(self.language.with_courier).format(courier=_name(courier.name))
        shown = label(self.view, state.status)
        status = "held" if "held" in state.flags else state.status
        known = self.language.stages.get(status)
        # A flow may give one of the protocol's statuses another meaning by its label.
        if known is not None and (status != state.status or shown.casefold() in {status, status.replace("_", " ")}):
            return self._tense(known)
        return self._tense(self.language.other_stage).format(stage=_name(shown))

    def _arrival(self, expected: ExpectedArrival) -> str:
        said = self._day if expected.is_daily else self.time
        language, first, last = self.language, said(expected.first), said(expected.last)
        match expected.form:
            case ArrivalForm.BETWEEN:
                return language.between.format(first=first, last=last)
            case ArrivalForm.AROUND:
                return (language.on_day if expected.is_daily else language.around).format(time=first)
            case _:
                return language.by.format(time=last)

    def _at_risk(self, sentence: str, place: str) -> str:
        promised = self.view.order.promised_at if self.view.order else None
        assert promised is not None
        is_daily = judged_in(self.view) is not None
        promise = self.in_zone((self._day if is_daily else self.time)(promised), place)
        text = self.language.at_risk_by_day if is_daily else self.language.at_risk
        return self._tense(text).format(sentence=sentence, promise=promise)

    def _day(self, at: datetime) -> str:
        local, language = self.there.local(at), self.language
        return language.day.format(
            weekday=language.weekdays[local.weekday()], day=local.day, month=language.months[local.month - 1]
        )

    def _with_delay(self, sentence: str, delay: str) -> str:
        return self.language.late.format(sentence=sentence, delay=delay) if delay else sentence

    def _delay(self) -> str:
        """Return how late the order is; empty unless it is late."""
        excess = late_by(self.view, self.judged_at)
        if excess is None:
            return ""
        words = age(excess.total_seconds()).split()
        return " ".join(
            self.language.units[unit][self.language.plural(int(number))].format(number=number)
            for number, unit in zip(words[::2], words[1::2], strict=True)
        )


def _name(text: str) -> str:
    shown = " ".join(sanitize(text).split())
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 1]}…"
