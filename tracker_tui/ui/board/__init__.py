"""The board's rows before they are painted: what is read from an order, which ones are shown, in which order."""
