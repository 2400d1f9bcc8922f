"""Alerts: changes of an order or the connection that a user would act on, each announced once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker_tui.domain.attention import assess
from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import label
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.link.labels import why_signed_out
from tracker_tui.ui.model.styles import OUTCOMES
from tracker_tui.wording.names import counted

NEWS_WITHIN = timedelta(minutes=10)
"""A change that was missed and is older than this on arrival raises no alert."""

MAX_ALERTS = 4
ALERT_WINDOW = 10.0
"""At most `MAX_ALERTS` alerts in `ALERT_WINDOW` seconds; further ones are only counted."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One line, safe to show, and whether it is a warning."""

    text: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class _Announced:
    """The state of an order at the last check.

    Attributes:
        late_for: The promised time for which a lateness was announced.
        stuck_in: The status in which the order was announced as stuck.
        was_stale: Whether the view has been out of date since.
    """

    status: str
    outcome: Outcome | None
    late_for: datetime | None
    stuck_in: str | None
    was_stale: bool = False


class Alerts:
    """Keeps the announced state of each order, and finds the alerts for a change.

    The first view of an order raises no alert. Several changes in one check are one alert, in this order of precedence:
    outcome, new stage, late, stuck. An order is announced as late once for a promise, and as stuck once in a stage,
    even if the estimate changes repeatedly.
    """

    def __init__(self) -> None:
        self._announced: dict[str, _Announced] = {}
        self._signed_out = False

    def needs_check(self, view: OrderView) -> bool:
        """Return whether the order must be checked at once; cheap, since most changes only move a courier."""
        before = self._announced.get(view.order_id)
        if before is None or view.current is None:
            return view.current is not None
        return (before.status, before.outcome) != (view.current.status, view.current.outcome)

    def check(self, view: OrderView, now: datetime, *, trusted: bool) -> Alert | None:
        """Return the alert for the changes of an order since the last check, if any.

        Args:
            view: The order's view.
            now: The wall time.
            trusted: Whether the view is the server's state; one that is still catching up is checked later.
        """
        before, state = self._announced.get(view.order_id), view.current
        if state is None or view.order is None:
            return None
        if not trusted and before is not None:
            if not before.was_stale:
                self._announced[view.order_id] = replace(before, was_stale=True)
            return None
        assessment = assess(view, now)
        late = view.order.promised_at if assessment.lateness is Lateness.LATE else None
        stuck = state.status if assessment.stuck else None
        self._announced[view.order_id] = _Announced(
            state.status,
            state.outcome,
            late or (before.late_for if before else None),
            stuck or (before.stuck_in if before and before.status == state.status else None),
            was_stale=not trusted,
        )
        if before is None or (before.was_stale and now - state.updated_at > NEWS_WITHIN):
            return None
        newly_late = late is not None and late != before.late_for
        return _alert(view, before, late=newly_late, stuck=stuck is not None and stuck != before.stuck_in)

    def forget(self, order_id: str) -> None:
        """Drop the announced state of an order."""
        self._announced.pop(order_id, None)

    def check_link(self, link: LinkState) -> Alert | None:
        """Return an alert when the client is signed out, once until it is live again."""
        if link.phase is Phase.SIGNED_OUT and not self._signed_out:
            self._signed_out = True
            return Alert(f"✖ Signed out: {why_signed_out(link.code, link.reason)}", is_warning=True)
        if link.phase is Phase.LIVE:
            self._signed_out = False
        return None


class AlertLimiter:
    """Lets a few alerts through and counts the rest, so that many at once become one."""

    def __init__(self) -> None:
        self._shown: deque[float] = deque()
        self._withheld = 0

    def admit(self, alerts: Iterable[Alert], time: float) -> list[Alert]:
        """Return the alerts to announce at `time` seconds; the last one gives the number of those withheld before."""
        while self._shown and time - self._shown[0] >= ALERT_WINDOW:
            self._shown.popleft()
        admitted: list[Alert] = []
        for alert in alerts:
            if len(self._shown) < MAX_ALERTS:
                self._shown.append(time)
                admitted.append(alert)
            else:
                self._withheld += 1
        if self._withheld and len(self._shown) < MAX_ALERTS:
            self._shown.append(time)
            admitted.append(Alert(f"and {counted(self._withheld, 'more change', 'more changes')}: see the log"))
            self._withheld = 0
        return admitted


def _alert(view: OrderView, before: _Announced, *, late: bool, stuck: bool) -> Alert | None:
    state = view.current
    if state is None:
        return None
    stage = sanitize(label(view, state.status))
    too_late = " · ▲ late" if late else ""
    if state.outcome is not None:
        glyph, word, _ = OUTCOMES[state.outcome]
        if state.outcome is before.outcome:
            return None
        return Alert(f"{view.order_id}: {glyph} {word}{too_late}", is_warning=state.outcome is not Outcome.DELIVERED)
    if before.outcome is not None:
        ended = OUTCOMES[before.outcome][1].lower()
        return Alert(f"{view.order_id}: ▶ {stage} · reopened after {ended}", is_warning=True)
    if state.status != before.status:
        return Alert(f"{view.order_id}: ▶ {stage}{too_late}", is_warning=late)
    if late:
        return Alert(f"{view.order_id}: ▲ late · {stage}", is_warning=True)
    return Alert(f"{view.order_id}: ▲ stuck · {stage}", is_warning=True) if stuck else None
