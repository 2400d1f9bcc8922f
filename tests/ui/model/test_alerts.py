"""Alerts: the changes that raise one, and their delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.events import AppBlur, AppFocus

from tests.support.orders import EPOCH, at, milestone, order, snapshot, state
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, cancelled_snapshot, delivered_snapshot, meal_snapshot
from tracker_tui.domain.attention import assess, stuck_from
from tracker_tui.domain.edges import EdgeDetector
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Eta, MilestoneKind, Outcome, Precision
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkState, Phase, Standing
from tracker_tui.ui.model.alerts import Alert, AlertLimiter, SignOutAlert, alert_for
from tracker_tui.ui.model.notifier import desktop_notification
from tracker_tui.ui.model.scene import Replay

MakeHarness = Callable[..., AppHarness]

EARLY = Eta(at(2500), at(2600), Precision.MINUTE)
LATE = Eta(at(3000), at(3100), Precision.MINUTE)


class Watcher:
    """Checks one order after each change; a marked one by default, since most changes of others are routine."""

    def __init__(self, *past: Event | Snapshot, is_marked: bool = True) -> None:
        self.detector = EdgeDetector()
        self.is_marked = is_marked
        self.view = OrderView("A1")
        self.now = at(NOW)
        assert self.hear(*(past or (meal_snapshot(eta=EARLY, updated_at=at(NOW)),))) is None

    def hear(self, *messages: Event | Snapshot, trusted: bool = True) -> str | None:
        for message in messages:
            self.view = self.view.join(message)
        return self.look(trusted=trusted)

    def look(self, seconds: float = 0.0, *, trusted: bool = True) -> str | None:
        self.now += timedelta(seconds=seconds)
        report = self.detector.check(self.view, self.now, trusted=trusted)
        alert = alert_for(self.view, report, self.now, is_marked=self.is_marked)
        return alert.text if alert else None


def moved(seq: int, status: str, outcome: Outcome | None = None, eta: Eta | None = EARLY) -> Event:
    """Return an event, published `seq` - 57 seconds after the start."""
    now = at(NOW + seq - 57)
    line = milestone(seq, status, occurred_at=now)
    return Event("A1", EPOCH, seq, state(status, outcome, eta=eta, updated_at=now), line)


def test_routine_changes_raise_no_alert_unless_the_order_is_marked() -> None:
    for messages, text in (
        ([moved(58, "arriving")], "A1: ▶ Arriving"),
        ([moved(58, "delivered", Outcome.DELIVERED, eta=None)], "A1: ✔ Delivered"),
    ):
        assert Watcher(is_marked=True).hear(*messages) == text
        assert Watcher(is_marked=False).hear(*messages) is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (moved(58, "picked_up", eta=LATE), "A1: ▲ 5 min late · Picked up"),
        (moved(58, "attempt_failed"), "A1: ! Attempt failed"),
        (moved(58, "held"), "A1: ! Held"),
        (moved(58, "cancelled", Outcome.CANCELLED), "A1: ✖ Cancelled"),
        (moved(58, "lost", Outcome.LOST), "A1: ✖ Lost"),
    ],
)
def test_an_unmarked_order_raises_an_alert_for_what_a_user_would_act_on(change: Event, text: str) -> None:
    assert Watcher(is_marked=False).hear(change) == text


def test_each_reason_for_action_is_announced_once_in_a_stage() -> None:
    ui = Watcher(is_marked=False)
    flagged = replace(moved(58, "picked_up"), state=state("picked_up", eta=EARLY, flags=("action_required",)))
    assert ui.hear(flagged) == "A1: ! action required · Picked up"
    assert ui.hear(moved(59, "picked_up")) is None
    assert ui.hear(replace(flagged, seq=60, milestone=None)) is None


def test_a_new_stage_is_announced_once() -> None:
    ui = Watcher()
    assert ui.hear(moved(58, "arriving")) == "A1: ▶ Arriving"
    assert ui.look() is None
    assert ui.hear(moved(59, "arriving")) is None


def test_the_first_view_raises_no_alert() -> None:
    assert Watcher(cancelled_snapshot()).look() is None
    late = Watcher(meal_snapshot(eta=LATE))
    assert late.look() is None
    assert late.look(60) is None


def test_a_moving_courier_raises_no_alert() -> None:
    ui = Watcher()
    assert not ui.detector.needs_check(ui.view.join(moved(58, "picked_up")))
    assert ui.detector.needs_check(ui.view.join(moved(58, "arriving")))
    assert ui.hear(moved(58, "picked_up")) is None


def test_an_outcome_and_a_new_stage_are_one_alert() -> None:
    ui = Watcher()
    assert ui.hear(moved(58, "arriving"), moved(59, "delivered", Outcome.DELIVERED, eta=None)) == "A1: ✔ Delivered"
    assert ui.look(9999) is None
    assert Watcher().hear(cancelled_snapshot()) == "A1: ✖ Cancelled"


def test_a_late_delivery_is_one_alert() -> None:
    assert Watcher().hear(delivered_snapshot()) == "A1: ✔ Delivered · ▲ 5 min late"


def test_a_reopened_order_raises_an_alert() -> None:
    ui = Watcher(delivered_snapshot())
    assert ui.hear(moved(81, "picked_up")) == "A1: ! Picked up · reopened after delivered"


def test_lateness_is_announced_once_for_a_promise() -> None:
    ui = Watcher()
    assert ui.hear(moved(58, "picked_up", eta=LATE)) == "A1: ▲ 5 min late · Picked up"
    assert ui.hear(moved(59, "picked_up", eta=EARLY)) is None
    assert ui.hear(moved(60, "picked_up", eta=LATE)) is None


def test_an_order_becomes_late_with_time() -> None:
    ui = Watcher(meal_snapshot(57, "arriving", None, milestone(56, "arriving", occurred_at=at(2650)), eta=EARLY))
    ui.look(2650 - NOW)
    assert ui.look(109) is None
    assert ui.look(1) == "A1: ▲ 1 min late · Arriving"
    assert ui.look(1) is None


def test_a_new_stage_and_lateness_are_one_alert() -> None:
    ui = Watcher()
    assert ui.hear(moved(58, "arriving", eta=LATE)) == "A1: ▲ 5 min late · Arriving"
    assert ui.look() is None


def test_an_order_too_long_in_a_stage_is_announced_as_stuck_once() -> None:
    ui = Watcher()
    assert ui.hear(moved(58, "arriving")) == "A1: ▶ Arriving"
    said = [ui.look(30) for _ in range(20)]
    assert said.count("A1: ◔ stuck · Arriving") == 1
    assert {*said} <= {None, "A1: ◔ stuck · Arriving"}


@pytest.mark.parametrize("status", ["arriving", "held"])
def test_an_order_is_announced_as_stuck_when_the_board_shows_it(status: str) -> None:
    ui = Watcher()
    ui.hear(moved(58, status))
    since = stuck_from(ui.view)
    assert since is not None
    # It may be late by then, which is another alert.
    assert "stuck" not in (ui.look((since - ui.now).total_seconds()) or "")
    assert not assess(ui.view, ui.now).stuck
    said = ui.look(0.5)
    assert assess(ui.view, ui.now).stuck
    assert said is not None
    assert said.startswith("A1: ◔ stuck")


def test_changes_during_a_resync_are_announced_as_one_when_it_ends() -> None:
    ui = Watcher()
    assert ui.hear(moved(60, "arriving"), trusted=False) is None
    assert ui.hear(moved(61, "delivered", Outcome.DELIVERED, eta=None), trusted=False) is None
    assert ui.look(80) == "A1: ✔ Delivered"


def test_a_change_right_after_an_incomplete_first_view_raises_an_alert() -> None:
    ui = Watcher()
    ui.detector.forget("A1")
    assert ui.look(trusted=False) is None
    assert ui.hear(moved(58, "arriving")) == "A1: ▶ Arriving"


def test_an_old_change_after_the_first_view_raises_no_alert() -> None:
    ui = Watcher()
    ui.detector.forget("A1")
    ui.look(700, trusted=False)
    assert ui.hear(moved(58, "arriving")) is None


def test_a_change_missed_long_ago_raises_no_alert() -> None:
    ui = Watcher()
    assert ui.look(trusted=False) is None
    assert ui.hear(moved(60, "arriving"), trusted=False) is None
    assert ui.look(610) is None
    # Later changes raise alerts again.
    assert ui.hear(moved(670, "delivered", Outcome.DELIVERED, eta=None)) == "A1: ✔ Delivered"


def test_a_correction_raises_an_alert_and_a_note_does_not() -> None:
    ui = Watcher()
    note = milestone(58, "picked_up", occurred_at=at(NOW), kind=MilestoneKind.NOTE, note="ring twice")
    assert ui.hear(meal_snapshot(58, "picked_up", None, note, eta=EARLY)) is None
    assert ui.hear(moved(59, "preparing")) == "A1: ▶ Preparing"


def test_a_new_epoch_raises_no_alert() -> None:
    ui = Watcher()
    assert ui.hear(meal_snapshot(57, eta=EARLY, epoch=EPOCH + 1)) is None


def test_signed_out_is_announced_once_until_the_next_sign_in() -> None:
    alerts = SignOutAlert()
    out = LinkState(Phase.SIGNED_OUT, "websocket", code="token_expired")
    assert alerts.check(out) == Alert("✖ Signed out: token expired", is_warning=True)
    assert alerts.check(out) is None
    assert alerts.check(LinkState(Phase.CONNECTING, "websocket")) is None
    assert alerts.check(out) is None
    assert alerts.check(LinkState(Phase.LIVE, "websocket")) is None
    assert alerts.check(out) is not None


def test_many_alerts_at_once_are_counted_and_announced_as_one() -> None:
    quota = AlertLimiter()
    storm = [Alert(f"{number}") for number in range(9)]
    assert [alert.text for alert in quota.admit(storm, 0.0)] == ["0", "1", "2", "3"]
    assert quota.admit([], 5.0) == []
    assert quota.admit([Alert("9")], 6.0) == []
    assert [alert.text for alert in quota.admit([], 10.0)] == ["and 6 more changes: see the log"]
    assert quota.admit([], 11.0) == []
    assert [alert.text for alert in quota.admit([Alert("late")], 11.0)] == ["late"]


def test_a_notification_contains_no_other_escape_sequence() -> None:
    assert desktop_notification("a\x07b\x1b\\\x9c\n9;4;1") == "\x1b]9;tracker-tui: a␇b␛\\�␊9;4;1\x07"
    assert len(desktop_notification("x" * 5_000)) < 300


async def show_quiet_order(ui: AppHarness) -> list[str]:
    """Show an order; return the list of the bells and sequences sent to the terminal from now on."""
    sent: list[str] = []
    ui.app.write_to_terminal = sent.append  # type: ignore[method-assign, assignment]
    ui.app.bell = lambda: sent.append("bell")  # type: ignore[method-assign]
    ui.clock.seconds = NOW
    await ui.go_live()
    await ui.receive(meal_snapshot(eta=EARLY))
    return sent


async def test_a_change_shows_a_notice_and_rings_no_bell_while_focused(harness: MakeHarness) -> None:
    ui = harness(quiet=False)
    async with ui.run():
        sent = await show_quiet_order(ui)
        assert "A1: ▶" not in ui.text()
        await ui.receive(moved(58, "arriving"))
        await ui.wait_until(lambda: "A1: ▶ Arriving" in ui.text())
        assert sent == []


async def test_without_focus_the_bell_rings_and_a_notification_is_sent(harness: MakeHarness) -> None:
    ui = harness(quiet=False)
    async with ui.run():
        sent = await show_quiet_order(ui)
        ui.app.post_message(AppBlur())
        await ui.wait_until(lambda: ui.app.is_away)
        await ui.receive(moved(58, "arriving"))
        assert sent == ["bell", "\x1b]9;tracker-tui: A1: ▶ Arriving\x07"]
        ui.app.post_message(AppFocus())
        await ui.wait_until(lambda: not ui.app.is_away)
        await ui.receive(moved(59, "delivered", Outcome.DELIVERED, eta=None))
        assert len(sent) == 2


async def test_quiet_raises_no_alerts(harness: MakeHarness) -> None:
    ui = harness(quiet=True)
    async with ui.run():
        sent = await show_quiet_order(ui)
        ui.app.post_message(AppBlur())
        await ui.wait_until(lambda: ui.app.is_away)
        await ui.receive(moved(58, "arriving"))
        await ui.set_link(Phase.SIGNED_OUT, code="token_expired")
        assert sent == []
        assert "A1: ▶" not in ui.text()


async def test_a_recording_raises_no_alerts(harness: MakeHarness) -> None:
    ui = harness(quiet=False, replay=Replay(1.0))
    async with ui.run():
        await show_quiet_order(ui)
        await ui.receive(moved(58, "arriving"))
        assert "A1: ▶" not in ui.text()


async def test_the_tick_finds_orders_that_became_late(harness: MakeHarness) -> None:
    ui = harness(quiet=False)
    async with ui.run():
        await show_quiet_order(ui)
        await ui.tick_at(2800)
        await ui.wait_until(lambda: "A1: ▲ 1 min late" in ui.text())


async def test_changes_missed_while_reconnecting_are_announced_after_the_resync(harness: MakeHarness) -> None:
    ui = harness(quiet=False)
    async with ui.run():
        await show_quiet_order(ui)
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=NOW + 1, down_at=NOW)
        await ui.set_link(Phase.SYNCING, connected_at=NOW + 2, down_at=NOW)
        await ui.receive(moved(58, "arriving"), moved(59, "delivered", Outcome.DELIVERED, eta=None))
        assert "A1: " not in ui.text()
        await ui.go_live()
        await ui.tick_at(NOW + 4)
        await ui.wait_until(lambda: "A1: ✔ Delivered" in ui.text())
        assert "A1: ▶" not in ui.text()


async def test_hostile_text_in_a_notice_stays_text(harness: MakeHarness) -> None:
    ui = harness(quiet=False)
    async with ui.run(100, 30):
        sent = await show_quiet_order(ui)
        ui.app.post_message(AppBlur())
        await ui.wait_until(lambda: ui.app.is_away)
        await ui.receive(moved(58, "[/b]\x1b]0;x\x07"))
        await ui.wait_until(lambda: "A1: ▶ [/b]␛]0;x␇" in ui.text())
        assert sent == ["bell", "\x1b]9;tracker-tui: A1: ▶ [/b]␛]0;x␇\x07"]


async def test_all_of_many_late_orders_are_announced(harness: MakeHarness) -> None:
    ids = [f"A{number}" for number in range(1, 121)]
    ui = harness(*ids, quiet=False)
    async with ui.run():
        ui.clock.seconds = NOW
        await ui.go_live()
        for order_id in ids:
            ui.feed.emit(ui.story.change_for(_of(order_id), Standing.IN_SYNC))
        await ui.settle()
        told: list[str] = []

        def tell(text: str, *, is_warning: bool = False) -> None:
            told.append(text)

        ui.app.announce = tell  # type: ignore[method-assign]
        for seconds in range(2760, 2760 + 40, 10):
            await ui.tick_at(seconds)
        assert told[:4] == [
            "A1: ▲ 1 min late · Placed",
            "A2: ▲ 1 min late · Placed",
            "A3: ▲ 1 min late · Placed",
            "A4: ▲ 1 min late · Placed",
        ]
        counts = [int(text.split()[1]) for text in told if text.startswith("and ")]
        assert sum(counts) + sum("late" in text for text in told) == len(ids)


def _of(order_id: str) -> Snapshot:
    return snapshot(3, order_id=order_id, facts=order(order_id, promised_at=at(2700)), updated_at=at(NOW))


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the bell, which would ring on the terminal that runs the tests."""
    monkeypatch.setattr("textual.app.App.bell", lambda app: None)
