"""The control listener of a running server."""
