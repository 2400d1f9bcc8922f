"""Bearer tokens: where they come from and which one is current."""
