"""One pane a file: each knows one value and paints it."""
