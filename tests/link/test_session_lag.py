"""A stream on which bytes come all the time, and all of them old: a slow line with a backlog."""

from __future__ import annotations

from datetime import timedelta

from tests.support.orders import START
from tests.support.stories import Story
from tracker_tui.link.inputs import AbortStream
from tracker_tui.link.state import Phase
from tracker_tui.wire import Heartbeat, Hello

FAR_OFF = timedelta(days=3)
"""The server's clock is wrong, or ours is; neither matters."""


def beat(made: Story, at: float, late: float) -> None:
    """A heartbeat arrives that was so long under way."""
    made.say(at, Heartbeat(START + FAR_OFF + timedelta(seconds=at - late), {}))


def live(late: float = 0.1) -> Story:
    made = Story()
    made.live(10, Hello(1, START + FAR_OFF + timedelta(seconds=10 - late), None, "n1"))
    return made


def test_what_arrives_later_and_later_is_not_called_live_and_then_given_up() -> None:
    made = live()
    beat(made, 18, late=3)
    assert made.phase() is Phase.LIVE
    beat(made, 27, late=7.2)
    assert made.phase() is Phase.QUIET
    assert round(made.session.link.lag) == 7
    beat(made, 36, late=12.2)
    due = made.session.deadline(36)
    assert due is not None
    assert due <= 36
    assert made.tick(36, heard=36) == (AbortStream(1),)
    assert made.phase() is Phase.BACKOFF
    assert made.session.reason == "what arrives is 12 s old"


def test_a_backlog_that_is_worked_off_is_live_again() -> None:
    made = live()
    beat(made, 27, late=8)
    assert made.phase() is Phase.QUIET
    assert made.tick(28, heard=28) == ()
    assert made.phase() is Phase.QUIET  # a byte alone says nothing
    beat(made, 30, late=0.3)
    assert made.phase() is Phase.LIVE
    assert made.session.link.lag == 0


def test_a_long_way_is_no_lag() -> None:
    made = live(late=6)
    for at in (15, 20, 25):
        beat(made, at, late=6)
        assert made.phase() is Phase.LIVE


def test_a_hello_that_was_long_under_way_hides_no_lag_once_something_was_faster() -> None:
    made = live(late=9)
    beat(made, 15, late=0.1)
    beat(made, 27, late=8)
    assert made.phase() is Phase.QUIET


def test_one_heartbeat_that_newer_ones_overtook_is_no_lag() -> None:
    made = live()
    beat(made, 30, late=0.1)
    beat(made, 31, late=20)
    assert made.phase() is Phase.LIVE
