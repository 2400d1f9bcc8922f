"""The badge of each phase."""

from __future__ import annotations

from typing import Any

import pytest

from tracker_tui.link.changes import LinkState, Phase, Standing
from tracker_tui.ui.model.badge import board_badge, order_badge, paused_badge, replay_badge
from tracker_tui.wire.messages import Problem

NOW = 1000.0


def link(phase: Phase, transport: str = "websocket", **fields: Any) -> LinkState:
    return LinkState(phase, transport, **fields)


@pytest.mark.parametrize(
    ("state", "was_live", "text"),
    [
        (link(Phase.CONNECTING, down_at=NOW), False, "◌ Connecting…"),
        (link(Phase.SYNCING, connected_at=NOW), False, "◌ Connecting…"),
        (link(Phase.CONNECTING, attempt=3, down_at=NOW), True, "◐ Reconnecting… try 3"),
        (link(Phase.CONNECTING, down_at=NOW), True, "◐ Reconnecting…"),
        (link(Phase.SYNCING, attempt=2, connected_at=NOW), True, "◐ Reconnecting… try 2"),
        (link(Phase.LIVE), True, "● Live"),
        (link(Phase.LIVE, "sse"), True, "● Live · SSE"),
        (link(Phase.LIVE, "longpoll"), True, "● Live · long-poll"),
        (link(Phase.LIVE, "polling", period=5.2), True, "● Live · polling 5 s"),
        (link(Phase.LIVE, "polling"), True, "● Live · polling"),
        (link(Phase.LIVE, "sse", period=5.0, fallback="WebSocket is blocked"), True, "● Live · SSE"),
        (link(Phase.LIVE, "sse", list_every=10.0), False, "● Live · list every 10 s"),
        (link(Phase.CONNECTING, "sse", attempt=1, down_at=NOW), False, "◐ Reconnecting… try 1"),
        (link(Phase.QUIET), True, "◍ Quiet 8 s"),
        (link(Phase.QUIET, lag=9.4), True, "◍ Behind 9 s"),
        (
            link(Phase.BACKOFF, attempt=3, retry_at=NOW + 3.2, down_at=NOW - 9),
            True,
            "◐ Reconnecting… down 9 s, try 3",
        ),
        (link(Phase.BACKOFF, attempt=1, retry_at=NOW - 1, down_at=NOW - 9), True, "◐ Reconnecting… down 9 s, try 1"),
        (
            link(Phase.BACKOFF, attempt=9, retry_at=NOW + 28, down_at=NOW - 120),
            True,
            "◐ Reconnecting… down 2 min, try 9",
        ),
        (
            link(Phase.BACKOFF, attempt=9, retry_at=NOW + 28, down_at=NOW - 130),
            True,
            "○ Offline 2m10s · next try in 28 s",
        ),
        (link(Phase.CONNECTING, attempt=9, down_at=NOW - 130), True, "○ Offline 2m10s · trying now"),
        (link(Phase.SIGNED_OUT, reason="the file is gone"), True, "✖ Signed out: the file is gone"),
        (
            link(Phase.SIGNED_OUT, reason="4001 the token's time is over", code="token_expired"),
            True,
            "✖ Signed out: token expired",
        ),
        (
            link(Phase.SIGNED_OUT, reason="auth rejected: no", code="auth_rejected"),
            False,
            "✖ Signed out: no valid token",
        ),
        (link(Phase.SIGNED_OUT, reason="\x1b[2J"), True, "✖ Signed out: ␛[2J"),
        (link(Phase.FINAL), True, "■ Final"),
        (link(Phase.FAILED, reason="unsupported protocol"), False, "✖ unsupported protocol"),
        (link(Phase.CLOSED), True, "– Closed"),
    ],
)
def test_each_phase_has_its_badge(state: LinkState, was_live: bool, text: str) -> None:
    assert order_badge(state, Standing.IN_SYNC, NOW, NOW - 8, was_live=was_live).text == text


@pytest.mark.parametrize("standing", [Standing.WAITING, Standing.RECONCILING])
def test_an_order_out_of_sync_is_not_shown_as_live(standing: Standing) -> None:
    assert order_badge(link(Phase.LIVE), standing, NOW, NOW, was_live=True).text == "◐ Reconciling"


@pytest.mark.parametrize("standing", [Standing.WAITING, Standing.RECONCILING, Standing.IN_SYNC])
@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.LIVE])
def test_no_order_is_shown_as_live_without_a_live_link(phase: Phase, standing: Standing) -> None:
    assert "Live" not in order_badge(link(phase), standing, NOW, NOW, was_live=True).text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("order_not_found", "✖ Unknown order"),
        ("forbidden", "✖ Not allowed"),
        ("too_large", "✖ Refused: too large"),
        ("\x1b[2J", "✖ Refused: ␛[2J"),
    ],
)
@pytest.mark.parametrize("phase", Phase)
def test_the_badge_of_a_refused_order_gives_the_reason_in_every_phase(phase: Phase, code: str, text: str) -> None:
    assert order_badge(link(phase), Standing.REFUSED, NOW, NOW, problem=Problem(code, "")).text == text


def test_the_boards_badge_counts_the_orders_in_sync() -> None:
    assert board_badge(link(Phase.LIVE), 39, 40, NOW, NOW).text == "● Live · 39/40"
    assert board_badge(link(Phase.LIVE, "sse"), 40, 40, NOW, NOW).text == "● Live · SSE · 40/40"
    assert board_badge(link(Phase.QUIET), 40, 40, NOW, NOW - 8).text == "◍ Quiet 8 s"


def test_a_board_without_an_order_to_watch_counts_none() -> None:
    assert board_badge(link(Phase.LIVE, "sse", list_every=10.0), 0, 0, NOW, NOW).text == "● Live · list every 10 s"
    assert board_badge(link(Phase.LIVE, list_every=10.0), 3, 3, NOW, NOW).text == "● Live · list every 10 s"


def test_the_badge_of_a_pause_counts_the_changes() -> None:
    assert paused_badge(7).text == "‖ Paused · 7 new"


def test_a_short_badge_keeps_its_glyph_and_its_words() -> None:
    whole = order_badge(link(Phase.BACKOFF, attempt=3, retry_at=NOW + 4, down_at=NOW), Standing.IN_SYNC, NOW, NOW)
    assert whole.short == "◐ Reconnecting…"


def test_the_badge_of_a_recording_begins_with_replay() -> None:
    then = order_badge(link(Phase.LIVE), Standing.IN_SYNC, NOW, NOW)
    assert replay_badge(then, 1.0, finished=False).text == "▷ Replay ×1 · ● Live"
    assert replay_badge(then, 2.5, finished=True).text == "▷ Replay finished · was ● Live"
    assert replay_badge(then, 1.0, finished=False).short == "▷ Replay ×1"
    paused = replay_badge(then, 4.0, finished=False, paused_at="12:03:10")
    assert (paused.text, paused.short) == ("‖ Replay ×4 at 12:03:10 · ● Live", "‖ Replay ×4 at 12:03:10")
    assert replay_badge(then, 4.0, finished=True, paused_at="12:03:10").glyph == "▷"
