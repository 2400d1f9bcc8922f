"""Sockets, signals and clocks."""
