"""Recordings: the format, the recorder and the player."""
