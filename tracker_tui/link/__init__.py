"""The connection, its repair and its policies, in asyncio and without Textual."""
