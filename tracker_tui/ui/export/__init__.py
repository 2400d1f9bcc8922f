"""Content that leaves the terminal: clipboard, files, the browser, the exported case."""
