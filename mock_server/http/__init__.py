"""The server's HTTP resources, middleware and request faults."""
