"""Files that outlive a run: cached views and pending commands."""
