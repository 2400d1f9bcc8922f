"""What an order is: pure values and functions, without I/O, asyncio or Textual."""
