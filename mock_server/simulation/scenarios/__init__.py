"""Scenario files and their parser."""
