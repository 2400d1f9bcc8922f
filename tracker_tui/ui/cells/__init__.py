"""Painters of table cells and text, shared by board and widgets."""
