"""Ladders for tests of policy."""

from __future__ import annotations

from tracker_tui.link.session.ladder import Ladder, Rung

ONE = Ladder((Rung("websocket", True),))
"""A transport that was forced: there is nothing to fall back to."""

SSE = Ladder((Rung("sse", False),))
"""One that was forced, on which a stream must name its orders."""

ALL = Ladder((Rung("websocket", True), Rung("sse", False), Rung("longpoll", False), Rung("polling", False)))
"""All of them."""
