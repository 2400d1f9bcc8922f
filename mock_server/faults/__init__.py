"""The faults, their parameters, and the plan of armed faults."""
