"""The app's state: each transition returns a new one, so that an earlier one can be kept for a pause."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC

import pytest

from tests.support.feeds import Story
from tests.support.orders import at, event, snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import LinkChanged, LinkState, Phase
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant

INSTANT = Instant(0.0, at(0), UTC)


def live_state() -> tuple[AppState, Story]:
    """Return the state of a live order, and the story to continue it."""
    story = Story()
    state = AppState.initial(["A1", "A2"])
    for change in (LinkChanged(LinkState(Phase.LIVE, "websocket")), story.told(snapshot(1))):
        state = state.apply(change, INSTANT, {})
    return state, story


def test_a_state_does_not_change_when_changes_are_applied() -> None:
    before, story = live_state()
    scene = before.order_scene("A1", INSTANT, None)
    after = before.apply(story.told(event(2, "accepted")), INSTANT, {})
    after = after.apply(LinkChanged(LinkState(Phase.BACKOFF, "websocket", down_at=0.0)), INSTANT, {})
    assert before.order_scene("A1", INSTANT, None) == scene
    assert (before.link.phase, after.link.phase) == (Phase.LIVE, Phase.BACKOFF)
    with pytest.raises(FrozenInstanceError):
        after.link = before.link  # type: ignore[misc]


def test_versions_since_a_state_are_counted_for_an_order_and_for_all() -> None:
    before, story = live_state()
    after = before
    for change in (
        story.told(event(2, "accepted")),
        story.told(event(3, "preparing")),
        story.told(event(3, "preparing")),
    ):
        after = after.apply(change, INSTANT, {})
    assert [after.versions_since(before, order_id) for order_id in ("A1", "A2", None)] == [2, 0, 2]


def test_an_order_is_open_until_its_outcome_is_known() -> None:
    state, story = live_state()
    assert [state.is_open(order_id) for order_id in ("A1", "A2", "B1")] == [True, True, False]
    ended = state.apply(story.told(event(2, "cancelled", outcome=Outcome.CANCELLED)), INSTANT, {})
    assert not ended.is_open("A1")
