"""The app's state: each transition returns a new one, so that an earlier one can be kept for a pause."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC

import pytest

from tests.support.feeds import ViewScript
from tests.support.orders import at, event, snapshot
from tests.ui.app_harness import FakeFeed
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import lift
from tracker_tui.link.changes import LinkChanged, LinkState, OrderForgotten, Phase, Standing
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant

INSTANT = Instant(0.0, at(0), UTC)


def live_state() -> tuple[AppState, ViewScript]:
    """Return the state of a live order, and the story to continue it."""
    story = ViewScript()
    state = AppState.initial(["A1", "A2"])
    for change in (LinkChanged(LinkState(Phase.LIVE, "websocket")), story.change_for(snapshot(1))):
        state = state.apply(change, INSTANT, {})
    return state, story


def test_a_state_does_not_change_when_changes_are_applied() -> None:
    before, story = live_state()
    scene = before.order_scene("A1", INSTANT, None)
    after = before.apply(story.change_for(event(2, "accepted")), INSTANT, {})
    after = after.apply(LinkChanged(LinkState(Phase.BACKOFF, "websocket", down_at=0.0)), INSTANT, {})
    assert before.order_scene("A1", INSTANT, None) == scene
    assert (before.link.phase, after.link.phase) == (Phase.LIVE, Phase.BACKOFF)
    with pytest.raises(FrozenInstanceError):
        after.link = before.link  # type: ignore[misc]


def test_versions_since_a_state_are_counted_for_an_order_and_for_all() -> None:
    before, story = live_state()
    after = before
    for change in (
        story.change_for(event(2, "accepted")),
        story.change_for(event(3, "preparing")),
        story.change_for(event(3, "preparing")),
    ):
        after = after.apply(change, INSTANT, {})
    assert [after.versions_since(before, order_id) for order_id in ("A1", "A2", None)] == [2, 0, 2]


def test_an_order_is_open_until_its_outcome_is_known() -> None:
    state, story = live_state()
    assert [state.is_open(order_id) for order_id in ("A1", "A2", "B1")] == [True, True, False]
    ended = state.apply(story.change_for(event(2, "cancelled", outcome=Outcome.CANCELLED)), INSTANT, {})
    assert not ended.is_open("A1")


def test_a_dropped_order_is_kept_in_earlier_states_and_while_its_screen_is_open() -> None:
    before, story = live_state()
    kept = before.apply(OrderForgotten("A1"), INSTANT, {}).forget(keep={"A1"})
    assert kept.order_ids == ("A1", "A2")
    after = kept.forget(keep=())
    assert (before.order_ids, after.order_ids) == (("A1", "A2"), ("A2",))
    assert after.forget(keep=()) is after
    assert after.order_scene("A1", INSTANT, None).standing is Standing.FINAL
    back = after.apply(story.change_for(event(2, "accepted")), INSTANT, {})
    assert back.forget(keep=()).order_ids == ("A2", "A1")


def test_a_cached_order_may_be_listed_and_dropped_within_one_tick() -> None:
    feed = FakeFeed(["A1"])
    feed.listed = True
    cached = {"C1": CachedView(lift(snapshot(1, order_id="C1")), at(0))}
    state = AppState.initial(["A1"]).with_cached(cached).apply(OrderForgotten("C1"), INSTANT, {})
    assert state.forget(keep=()).with_metrics(feed).order_ids == ("A1",)


@pytest.mark.parametrize("end", [Phase.FINAL, Phase.FAILED])
def test_after_an_end_the_next_connection_is_no_reconnection(end: Phase) -> None:
    state, _ = live_state()
    for phase in (end, Phase.CONNECTING):
        state = state.apply(LinkChanged(LinkState(phase, "websocket", down_at=0.0)), INSTANT, {})
    assert state.order_scene("A1", INSTANT, None).badge.text == "◌ Connecting…"
