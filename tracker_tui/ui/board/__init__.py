"""The board's rows: their values, columns, filter and sort order."""
