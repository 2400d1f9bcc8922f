"""Alerts: changes of an order or the connection that a user would act on, each announced once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker_tui.domain.attention import action_reason
from tracker_tui.domain.edges import Edge, EdgeReport
from tracker_tui.domain.lateness import Lateness, late_by
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import is_reopened, label
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.link.labels import why_signed_out
from tracker_tui.ui.model.styles import LATENESS, OUTCOMES, STUCK
from tracker_tui.wording.names import ACTION_REASONS, counted
from tracker_tui.wording.times import age

MAX_ALERTS = 4
ALERT_WINDOW = 10.0
"""At most `MAX_ALERTS` alerts in `ALERT_WINDOW` seconds; further ones are only counted."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One line, safe to show, and whether it is a warning."""

    text: str
    is_warning: bool = False


class SignOutAlert:
    """Raises one alert when the client is signed out."""

    def __init__(self) -> None:
        self._signed_out = False

    def check(self, link: LinkState) -> Alert | None:
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


def alert_for(view: OrderView, report: EdgeReport, now: datetime, *, is_marked: bool) -> Alert | None:
    """Return the alert for the edges of an order; None if they are routine.

    Late, stuck, in need of action and ended undelivered are worth an alert. Everything else is routine and only in the
    event log, unless the user marked the order. Several edges are one alert, in this order of precedence: end,
    reopening, late and need of action, stuck, stage.
    """
    state, edges = view.current, report.edges
    if state is None:
        return None
    stage = sanitize(label(view, state.status))
    late = [_late(view, now)] if Edge.LATE in edges else []
    if state.outcome is not None:
        glyph, word, _ = OUTCOMES[state.outcome]
        is_routine = state.outcome is Outcome.DELIVERED and not late and not is_marked
        if Edge.ENDED not in edges or is_routine:
            return None
        return _compose(view, f"{glyph} {word}", *late, is_warning=state.outcome is not Outcome.DELIVERED)
    if Edge.REOPENED in edges and report.previous_outcome is not None:
        return _compose(view, f"! {stage}", f"reopened after {OUTCOMES[report.previous_outcome][1].lower()}")
    if Edge.ACTION in edges:
        reason = action_reason(view, now, reopened=is_reopened(view))
        words = ACTION_REASONS[reason] if reason is not None else ""
        about = [f"! {stage}"] if words in {"", stage.lower()} else [f"! {words}", stage]
        return _compose(view, *late, *about)
    if late:
        return _compose(view, *late, stage)
    if Edge.STUCK in edges:
        return _compose(view, f"{STUCK[0]} stuck", stage)
    return _compose(view, f"▶ {stage}", is_warning=False) if Edge.STAGE in edges and is_marked else None


def _compose(view: OrderView, *parts: str, is_warning: bool = True) -> Alert:
    return Alert(f"{view.order_id}: {' · '.join(parts)}", is_warning)


def _late(view: OrderView, now: datetime) -> str:
    excess = late_by(view, now)
    glyph, word, _ = LATENESS[Lateness.LATE]
    return f"{glyph} {age(excess.total_seconds())} {word}" if excess is not None else f"{glyph} {word}"
