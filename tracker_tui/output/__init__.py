"""What pipes see: one line per change, for people or for programs."""
