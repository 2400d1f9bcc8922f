"""A terminal order tracker whose screen can be trusted, and the realtime client under it."""
