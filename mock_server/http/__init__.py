"""The gateway's HTTP resources, middleware and request faults."""
