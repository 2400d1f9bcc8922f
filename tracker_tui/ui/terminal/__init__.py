"""The terminal driver and everything that uses Textual's private parts."""
