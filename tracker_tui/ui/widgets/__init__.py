"""The widgets: one pane a file, each a text rendered from one value."""
