"""The app's state during a replay, which may go back, and skip hours within a moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, MutableMapping
from dataclasses import replace

from tracker_tui.link.changes import Change, LinkChanged, OrderForgotten, ReplayChanged, ReplayEvent
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant


def apply_change(
    state: AppState,
    change: Change,
    feed: Feed,
    instant: Instant,
    saved: MutableMapping[int, AppState],
    *,
    shown: Callable[[], Collection[str]] = tuple,
) -> AppState:
    """Return the state after a change of a feed, live or replayed.

    Args:
        state: The state before.
        change: The change.
        feed: The feed that yielded it.
        instant: The time of the change.
        saved: The states at the checkpoints of a replay, by their numbers; a checkpoint is added.
        shown: Returns the orders that screens show, which are kept in a replay although the feed dropped them.
    """
    if feed.replay is None:
        return state.apply(change, instant, feed.refused)
    match change:
        case ReplayChanged(event=ReplayEvent.CHECKPOINT, checkpoint=number):
            saved[number] = state
            return state
        case ReplayChanged(event=ReplayEvent.REWOUND, checkpoint=number):
            replay = replace(state.replay, finished=False) if state.replay is not None else None
            if number in saved:
                return replace(saved[number], replay=replay)
            return AppState.initial(
                feed.order_ids,
                state.host,
                state.sign_in_hint,
                replay,
                state.server,
                names_courier=state.names_courier,
            )
        case ReplayChanged(event=ReplayEvent.FINISHED):
            return state.with_metrics(feed).with_replay_finished()
        case ReplayChanged():
            return state.with_metrics(feed)
        case LinkChanged():
            # A seek paints nothing in between, and the state depends on how long the link was live.
            return state.with_metrics(feed).apply(change, instant, feed.refused)
        case OrderForgotten():
            return state.apply(change, instant, feed.refused).forget(keep=shown())
    return state.apply(change, instant, feed.refused)
