"""``python -m tracker_tui``: the same program as ``tracker-tui``."""

from tracker_tui.cli.main import main

if __name__ == "__main__":
    main()
