"""What is worth an alert: only what changes what somebody would do, once, and as it happens; pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker_tui.domain.attention import assess, stuck_from
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
"""What has been missed and is older than this when it is heard is history, and no news."""

MAX_ALERTS = 4
ALERT_WINDOW = 10.0
"""Most alerts in so many seconds; what is more is only counted."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to be told: one line, safe to show, and whether it is bad news."""

    text: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    """How an order stood when it was last looked at.

    Attributes:
        late_for: The promise that it was told to be late for.
        stuck_in: The status in which it was told to be stuck.
        behind: Whether it was out of date meanwhile.
    """

    status: str
    outcome: Outcome | None
    late_for: datetime | None
    stuck_in: str | None
    behind: bool = False


class Alerts:
    """Remembers how each order stood, and says what of a change is worth an alert.

    The first view of an order is its past. Several changes that are seen in one look are one alert: how it ended goes
    before a new stage, that before being late, that before being stuck. An order is late once for a promise, and stuck
    once in a stage, however often an estimate goes to and fro.
    """

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}
        self._signed_out = False

    def needs_check(self, view: OrderView) -> bool:
        """Whether a look is due at once: at no cost, because nearly every change only moves a courier."""
        told = self._told.get(view.order_id)
        if told is None or view.state is None:
            return view.state is not None
        return (told.status, told.outcome) != (view.state.value.status, view.state.value.outcome)

    def check(self, view: OrderView, now: datetime, *, trusted: bool) -> Alert | None:
        """Say what is new of an order at the wall time `now`.

        Args:
            view: What is known of it.
            now: The wall time.
            trusted: Whether that is what the server has: what is still being caught up with is judged when it is there.
        """
        told = self._told.get(view.order_id)
        if view.state is None or view.facts is None:
            return None
        if not trusted and told is not None:
            if not told.behind:
                self._told[view.order_id] = replace(told, behind=True)
            return None
        state = view.state.value
        judgement = assess(view, now, stuck_from(view))
        late = view.facts.value.promised_at if judgement.lateness is Lateness.LATE else None
        stuck = state.status if judgement.stuck else None
        self._told[view.order_id] = _Told(
            state.status,
            state.outcome,
            late or (told.late_for if told else None),
            stuck or (told.stuck_in if told and told.status == state.status else None),
            behind=not trusted,
        )
        if told is None or (told.behind and now - state.updated_at > NEWS_WITHIN):
            return None
        newly_late = late is not None and late != told.late_for
        return _alert(view, told, late=newly_late, stuck=stuck is not None and stuck != told.stuck_in)

    def check_link(self, link: LinkState) -> Alert | None:
        """Say that nobody is signed in any more, once until somebody was again."""
        if link.phase is Phase.SIGNED_OUT and not self._signed_out:
            self._signed_out = True
            return Alert(f"✖ Signed out: {why_signed_out(link.code, link.reason)}", bad=True)
        if link.phase is Phase.LIVE:
            self._signed_out = False
        return None


class AlertLimiter:
    """Lets a few alerts through and counts the rest, so that a storm is told of as one."""

    def __init__(self) -> None:
        self._shown: deque[float] = deque()
        self._withheld = 0

    def admit(self, alerts: Iterable[Alert], time: float) -> list[Alert]:
        """Those that are told now, at `time` seconds; the last one stands for what was withheld before."""
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


def _alert(view: OrderView, told: _Told, *, late: bool, stuck: bool) -> Alert | None:
    state = view.state.value if view.state else None
    if state is None:
        return None
    stage = sanitize(label(view, state.status))
    too_late = " · ▲ late" if late else ""
    if state.outcome is not None:
        glyph, word, _ = OUTCOMES[state.outcome]
        if state.outcome is told.outcome:
            return None
        return Alert(f"{view.order_id}: {glyph} {word}{too_late}", bad=state.outcome is not Outcome.DELIVERED)
    if told.outcome is not None:
        return Alert(f"{view.order_id}: ▶ {stage} · open again, after {OUTCOMES[told.outcome][1].lower()}", bad=True)
    if state.status != told.status:
        return Alert(f"{view.order_id}: ▶ {stage}{too_late}", bad=late)
    if late:
        return Alert(f"{view.order_id}: ▲ late · {stage}", bad=True)
    return Alert(f"{view.order_id}: ▲ stuck · {stage}", bad=True) if stuck else None
