"""The gateway: what all streams and requests share, who may see what, and commands."""
