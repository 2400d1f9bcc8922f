"""The lifecycles of simulated orders. Pure: seeded randomness in, values out."""
