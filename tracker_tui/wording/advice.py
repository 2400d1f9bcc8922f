"""What a user can do when no order server answers, for screens and pipes."""

from __future__ import annotations

from tracker_tui.link.http.server import DEFAULT_SERVER

START_COMMANDS = (
    ("Start a server on this machine:", "mock-server"),
    ("Use another server:", "tracker-tui --server URL"),
    ("Try it without a server:", "tracker-tui --demo"),
)
"""The ways to a server, each with its command."""


def unreachable_advice(server: str) -> str:
    """Return what to do about a server that does not answer, as a phrase.

    Args:
        server: The server's base URL.
    """
    # Only the default server can be started on this machine.
    if server == DEFAULT_SERVER:
        return 'start one with "mock-server", name another with --server, or try "tracker-tui --demo"'
    return "check --server and the network on the way to it"
