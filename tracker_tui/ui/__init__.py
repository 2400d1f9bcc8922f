"""The terminal user interface: a Textual app over an order feed."""
