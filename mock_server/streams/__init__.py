"""How a subscriber's messages reach a client: one stream, three encodings."""
