"""Simulated orders and the scenarios that define them."""
