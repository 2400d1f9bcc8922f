"""Times, orders and commands in words, shared by screens and pipes."""
