"""How simulated orders live: what happens to them, where, and when. Pure: seeded randomness in, values out."""
