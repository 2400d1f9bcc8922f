"""An order gateway that speaks order-stream v1 and can misbehave in every way a network can."""
