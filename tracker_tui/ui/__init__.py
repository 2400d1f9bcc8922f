"""What people see: a Textual app over an order feed."""
