"""The state of the screens as values, without Textual."""
