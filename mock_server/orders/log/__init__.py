"""Event logs: the numbered events of every order."""
