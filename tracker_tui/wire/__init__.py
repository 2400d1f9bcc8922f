"""Order-stream v1: messages, commands and their codec."""
