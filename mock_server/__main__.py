"""Run `mock-server` with `python -m mock_server`."""

from __future__ import annotations

import sys

from mock_server.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
