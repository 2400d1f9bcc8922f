"""Orders as the gateway keeps them: the event log, encoded messages, subscribers."""
