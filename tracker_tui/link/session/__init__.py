"""The connection's state machine, without I/O."""
