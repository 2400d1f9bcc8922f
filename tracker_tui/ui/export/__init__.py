"""What leaves the terminal: clipboard, files, the browser, the case hand-over."""
