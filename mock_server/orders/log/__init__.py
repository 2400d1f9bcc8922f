"""Where the numbered events of every order are kept."""
