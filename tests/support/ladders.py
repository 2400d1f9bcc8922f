"""Ladders for tests of policy."""

from __future__ import annotations

from tracker_tui.link.session.ladder import Ladder, Rung

ONE = Ladder((Rung("websocket", True),))
"""A single transport, as the user forced it: there is no fallback."""

SSE = Ladder((Rung("sse", False),))
"""A single transport that must name its orders to open a stream."""

ALL = Ladder((Rung("websocket", True), Rung("sse", False), Rung("longpoll", False), Rung("polling", False)))
"""All four transports."""
