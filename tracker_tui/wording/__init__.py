"""Times, spans, orders and refusals in words, for screens and pipes alike: what both say, they say the same way."""
