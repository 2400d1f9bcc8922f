"""Output for pipes: one line per change, for people or for programs."""
