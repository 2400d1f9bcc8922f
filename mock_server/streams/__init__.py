"""Streams to clients in three encodings: WebSocket, server-sent events, long-polling."""
