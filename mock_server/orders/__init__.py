"""Orders: the event log, encoded messages, subscribers."""
