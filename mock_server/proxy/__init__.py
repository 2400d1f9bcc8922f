"""`mock-server proxy`: TCP faults in front of any server."""
