"""`mock-server proxy`: faults of networks, byte by byte, in front of any server."""
