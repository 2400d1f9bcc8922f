"""The command line of `mock-server`."""
