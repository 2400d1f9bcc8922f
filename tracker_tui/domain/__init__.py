"""Orders as pure values and functions, without I/O, asyncio or Textual."""
