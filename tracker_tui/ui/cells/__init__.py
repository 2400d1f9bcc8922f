"""Renderers of cells and lines, shared by board and widgets."""
