"""The app imports no network library before its first paint."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import sys
import tracker_tui.ui.app
heavy = ("pydantic", "httpx", "websockets", "aiohttp", "mock_server", "tracker_tui.wire", "tracker_tui.link.feed")
print([name for name in heavy if name in sys.modules])
"""


def test_the_screens_load_no_network_library() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
