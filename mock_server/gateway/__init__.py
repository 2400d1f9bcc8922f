"""The state that streams and requests share, authorization, and commands."""
