"""A mock order server for the order-stream v1 protocol, with faults to inject."""
