"""Every order's view, its repair, snapshots and commands."""
