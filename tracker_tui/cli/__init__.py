"""The command line of `tracker-tui`."""
