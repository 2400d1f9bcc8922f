"""Ladders for tests of policy."""

from __future__ import annotations

from tracker_tui.link.ladder import Ladder, Rung

ONE = Ladder((Rung("websocket", True),))
"""A transport that was forced: there is nothing to fall back to."""

ALL = Ladder((Rung("websocket", True), Rung("sse", False), Rung("longpoll", False), Rung("polling", False)))
"""All of them."""
