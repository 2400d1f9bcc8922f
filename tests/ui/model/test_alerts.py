"""What is worth an alert, and what is not; and how it reaches people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from textual.events import AppBlur, AppFocus

from tests.support.orders import EPOCH, at, milestone, order, snapshot, state
from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import NOW, cancelled, delivered, lunch
from tracker_tui.domain.attention import assess, stuck_from
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Eta, MilestoneKind, Outcome, Precision
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkState, Phase, Standing
from tracker_tui.ui.model.alerts import Alert, AlertLimiter, Alerts
from tracker_tui.ui.model.notifier import desktop_notification
from tracker_tui.ui.model.scene import Replay

MakeRig = Callable[..., Rig]

EARLY = Eta(at(2500), at(2600), Precision.MINUTE)
LATE = Eta(at(3000), at(3100), Precision.MINUTE)


class Watcher:
    """An order that changes, and what is said of it."""

    def __init__(self, *past: Event | Snapshot) -> None:
        self.alerts = Alerts()
        self.view = OrderView("A1")
        self.now = at(NOW)
        assert self.hear(*(past or (lunch(eta=EARLY, updated_at=at(NOW)),))) is None

    def hear(self, *messages: Event | Snapshot, trusted: bool = True) -> str | None:
        for message in messages:
            self.view = self.view.join(message)
        return self.look(trusted=trusted)

    def look(self, seconds: float = 0.0, *, trusted: bool = True) -> str | None:
        self.now += timedelta(seconds=seconds)
        alert = self.alerts.check(self.view, self.now, trusted=trusted)
        return alert.text if alert else None


def moved(seq: int, status: str, outcome: Outcome | None = None, eta: Eta | None = EARLY) -> Event:
    """A version that is published so many seconds after we began to look."""
    now = at(NOW + seq - 57)
    line = milestone(seq, status, occurred_at=now)
    return Event("A1", EPOCH, seq, state(status, outcome, eta=eta, updated_at=now), line)


def test_a_new_stage_is_told_once() -> None:
    it = Watcher()
    assert it.hear(moved(58, "arriving")) == "A1: ▶ Arriving"
    assert it.look() is None
    assert it.hear(moved(59, "arriving")) is None


def test_what_the_start_finds_is_no_news_however_bad_it_is() -> None:
    assert Watcher(cancelled()).look() is None
    late = Watcher(lunch(eta=LATE))
    assert late.look() is None
    assert late.look(60) is None


def test_a_courier_who_moves_is_no_news() -> None:
    it = Watcher()
    assert not it.alerts.needs_check(it.view.join(moved(58, "picked_up")))
    assert it.alerts.needs_check(it.view.join(moved(58, "arriving")))
    assert it.hear(moved(58, "picked_up")) is None


def test_an_end_is_one_alert_and_no_new_stage_beside_it() -> None:
    it = Watcher()
    assert it.hear(moved(58, "arriving"), moved(59, "delivered", Outcome.DELIVERED, eta=None)) == "A1: ✔ Delivered"
    assert it.look(9999) is None
    assert Watcher().hear(cancelled()) == "A1: ✖ Cancelled"


def test_an_end_that_is_late_says_so_in_the_same_alert() -> None:
    assert Watcher().hear(delivered()) == "A1: ✔ Delivered · ▲ late"


def test_an_order_that_is_open_again_is_told() -> None:
    it = Watcher(delivered())
    assert it.hear(moved(81, "picked_up")) == "A1: ▶ Picked up · reopened after delivered"


def test_an_order_becomes_late_once_for_its_promise_however_the_estimate_goes_to_and_fro() -> None:
    it = Watcher()
    assert it.hear(moved(58, "picked_up", eta=LATE)) == "A1: ▲ late · Picked up"
    assert it.hear(moved(59, "picked_up", eta=EARLY)) is None
    assert it.hear(moved(60, "picked_up", eta=LATE)) is None


def test_time_alone_makes_an_order_late() -> None:
    it = Watcher(lunch(57, "arriving", None, milestone(56, "arriving", occurred_at=at(2650)), eta=EARLY))
    it.look(2650 - NOW)
    assert it.look(40) is None
    assert it.look(20) == "A1: ▲ late · Arriving"
    assert it.look(1) is None


def test_a_new_stage_that_comes_with_being_late_is_one_alert() -> None:
    it = Watcher()
    assert it.hear(moved(58, "arriving", eta=LATE)) == "A1: ▶ Arriving · ▲ late"
    assert it.look() is None


def test_an_order_that_stays_in_a_stage_for_too_long_is_stuck_once() -> None:
    it = Watcher()
    assert it.hear(moved(58, "arriving")) == "A1: ▶ Arriving"
    said = [it.look(30) for _ in range(20)]
    assert said.count("A1: ▲ stuck · Arriving") == 1
    assert {*said} <= {None, "A1: ▲ stuck · Arriving"}


@pytest.mark.parametrize("status", ["arriving", "held"])
def test_an_order_is_told_to_be_stuck_in_the_second_from_which_the_board_says_so(status: str) -> None:
    it = Watcher()
    it.hear(moved(58, status))
    since = stuck_from(it.view)
    assert since is not None
    # It may be late by then, which is something else.
    assert "stuck" not in (it.look((since - it.now).total_seconds()) or "")
    assert not assess(it.view, it.now, since).stuck
    said = it.look(0.5)
    assert assess(it.view, it.now, since).stuck
    assert said is not None
    assert said.startswith("A1: ▲ stuck")


def test_what_is_being_caught_up_with_is_told_when_it_is_there_as_one() -> None:
    it = Watcher()
    assert it.hear(moved(60, "arriving"), trusted=False) is None
    assert it.hear(moved(61, "delivered", Outcome.DELIVERED, eta=None), trusted=False) is None
    assert it.look(80) == "A1: ✔ Delivered"


def test_what_comes_right_after_the_first_view_is_news_though_not_everything_is_there_yet() -> None:
    alerts, view = Alerts(), OrderView("A1").join(lunch(eta=EARLY, updated_at=at(NOW)))
    assert alerts.check(view, at(NOW), trusted=False) is None
    alert = alerts.check(view.join(moved(58, "arriving")), at(NOW + 1), trusted=True)
    assert alert == Alert("A1: ▶ Arriving")


def test_what_is_older_and_comes_after_the_first_view_is_history() -> None:
    alerts, view = Alerts(), OrderView("A1").join(lunch(eta=EARLY, updated_at=at(NOW)))
    assert alerts.check(view, at(NOW + 700), trusted=False) is None
    assert alerts.check(view.join(moved(58, "arriving")), at(NOW + 701), trusted=True) is None


def test_what_was_missed_long_ago_is_history() -> None:
    it = Watcher()
    assert it.look(trusted=False) is None
    assert it.hear(moved(60, "arriving"), trusted=False) is None
    assert it.look(610) is None
    # From here on it is watched again.
    assert it.hear(moved(670, "delivered", Outcome.DELIVERED, eta=None)) == "A1: ✔ Delivered"


def test_a_correction_is_a_change_like_any_other_and_a_note_is_none() -> None:
    it = Watcher()
    note = milestone(58, "picked_up", occurred_at=at(NOW), kind=MilestoneKind.NOTE, note="ring twice")
    assert it.hear(lunch(58, "picked_up", None, note, eta=EARLY)) is None
    assert it.hear(moved(59, "preparing")) == "A1: ▶ Preparing"


def test_a_new_epoch_is_no_news() -> None:
    it = Watcher()
    assert it.hear(lunch(57, eta=EARLY, epoch=EPOCH + 1)) is None


def test_signed_out_is_told_once_until_somebody_is_signed_in_again() -> None:
    alerts = Alerts()
    out = LinkState(Phase.SIGNED_OUT, "websocket", code="token_expired")
    assert alerts.check_link(out) == Alert("✖ Signed out: token expired", is_warning=True)
    assert alerts.check_link(out) is None
    assert alerts.check_link(LinkState(Phase.CONNECTING, "websocket")) is None
    assert alerts.check_link(out) is None
    assert alerts.check_link(LinkState(Phase.LIVE, "websocket")) is None
    assert alerts.check_link(out) is not None


def test_a_storm_is_counted_and_told_as_one() -> None:
    quota = AlertLimiter()
    storm = [Alert(f"{number}") for number in range(9)]
    assert [alert.text for alert in quota.admit(storm, 0.0)] == ["0", "1", "2", "3"]
    assert quota.admit([], 5.0) == []
    assert quota.admit([Alert("9")], 6.0) == []
    assert [alert.text for alert in quota.admit([], 10.0)] == ["and 6 more changes: see the log"]
    assert quota.admit([], 11.0) == []
    assert [alert.text for alert in quota.admit([Alert("late")], 11.0)] == ["late"]


def test_nothing_in_a_notification_is_a_command() -> None:
    assert desktop_notification("a\x07b\x1b\\\x9c\n9;4;1") == "\x1b]9;tracker-tui: a␇b␛\\�␊9;4;1\x07"
    assert len(desktop_notification("x" * 5_000)) < 300


# --- on the screen --------------------------------------------------------------------------------------------------


async def on_its_way(it: Rig) -> list[str]:
    """The order is watched; what the terminal is sent beside the screen from now on."""
    sent: list[str] = []
    it.app.write_to_terminal = sent.append  # type: ignore[method-assign, assignment]
    it.app.bell = lambda: sent.append("bell")  # type: ignore[method-assign]
    it.clock.seconds = NOW
    await it.live()
    await it.tell(lunch(eta=EARLY))
    return sent


async def test_a_change_is_told_in_a_toast_and_silently_while_somebody_looks(rig: MakeRig) -> None:
    it = rig(quiet=False)
    async with it.run(toasts=True):
        sent = await on_its_way(it)
        assert "A1: ▶" not in it.text()
        await it.tell(moved(58, "arriving"))
        await it.until(lambda: "A1: ▶ Arriving" in it.text())
        assert sent == []


async def test_where_nobody_looks_the_bell_rings_and_the_desktop_is_told(rig: MakeRig) -> None:
    it = rig(quiet=False)
    async with it.run(toasts=True):
        sent = await on_its_way(it)
        it.app.post_message(AppBlur())
        await it.until(lambda: it.app.is_away)
        await it.tell(moved(58, "arriving"))
        assert sent == ["bell", "\x1b]9;tracker-tui: A1: ▶ Arriving\x07"]
        it.app.post_message(AppFocus())
        await it.until(lambda: not it.app.is_away)
        await it.tell(moved(59, "delivered", Outcome.DELIVERED, eta=None))
        assert len(sent) == 2


async def test_who_wants_quiet_has_it(rig: MakeRig) -> None:
    it = rig(quiet=True)
    async with it.run(toasts=True):
        sent = await on_its_way(it)
        it.app.post_message(AppBlur())
        await it.until(lambda: it.app.is_away)
        await it.tell(moved(58, "arriving"))
        await it.link(Phase.SIGNED_OUT, code="token_expired")
        assert sent == []
        assert "A1: ▶" not in it.text()


async def test_a_recording_raises_no_alerts(rig: MakeRig) -> None:
    it = rig(quiet=False, replay=Replay(1.0))
    async with it.run(toasts=True):
        await on_its_way(it)
        await it.tell(moved(58, "arriving"))
        assert "A1: ▶" not in it.text()


async def test_time_alone_is_noticed_by_the_tick(rig: MakeRig) -> None:
    it = rig(quiet=False)
    async with it.run(toasts=True):
        await on_its_way(it)
        await it.at(2800)
        await it.until(lambda: "A1: ▲ late" in it.text())


async def test_what_was_missed_while_reconnecting_is_told_once_it_is_all_there(rig: MakeRig) -> None:
    it = rig(quiet=False)
    async with it.run(toasts=True):
        await on_its_way(it)
        await it.link(Phase.BACKOFF, attempt=1, retry_at=NOW + 1, down_at=NOW)
        await it.link(Phase.SYNCING, connected_at=NOW + 2, down_at=NOW)
        await it.tell(moved(58, "arriving"), moved(59, "delivered", Outcome.DELIVERED, eta=None))
        assert "A1: " not in it.text()
        await it.live()
        await it.at(NOW + 4)
        await it.until(lambda: "A1: ✔ Delivered" in it.text())
        assert "A1: ▶" not in it.text()


async def test_hostile_words_in_a_toast_are_only_words(rig: MakeRig) -> None:
    it = rig(quiet=False)
    async with it.run(100, 30, toasts=True):
        sent = await on_its_way(it)
        it.app.post_message(AppBlur())
        await it.until(lambda: it.app.is_away)
        await it.tell(moved(58, "[/b]\x1b]0;x\x07"))
        await it.until(lambda: "A1: ▶ [/b]␛]0;x␇" in it.text())
        assert sent == ["bell", "\x1b]9;tracker-tui: A1: ▶ [/b]␛]0;x␇\x07"]


async def test_of_many_orders_none_is_forgotten(rig: MakeRig) -> None:
    ids = [f"A{number}" for number in range(1, 121)]
    it = rig(*ids, quiet=False)
    async with it.run(toasts=True):
        it.clock.seconds = NOW
        await it.live()
        for order_id in ids:
            it.feed.say(it.story.told(_of(order_id), Standing.IN_SYNC))
        await it.settle()
        told: list[str] = []

        def tell(text: str, *, is_warning: bool = False) -> None:
            told.append(text)

        it.app.announce = tell  # type: ignore[method-assign]
        for seconds in range(2750, 2750 + 40, 10):
            await it.at(seconds)
        assert told[:4] == ["A1: ▲ late · Placed", "A2: ▲ late · Placed", "A3: ▲ late · Placed", "A4: ▲ late · Placed"]
        counts = [int(text.split()[1]) for text in told if text.startswith("and ")]
        assert sum(counts) + sum("late" in text for text in told) == len(ids)


def _of(order_id: str) -> Snapshot:
    return snapshot(3, order_id=order_id, facts=order(order_id, promised_at=at(2700)), updated_at=at(NOW))


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bell that a test forgot to take away would ring on the terminal of whoever runs it."""
    monkeypatch.setattr("textual.app.App.bell", lambda app: None)
