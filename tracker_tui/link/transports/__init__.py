"""The four transports: WebSocket, SSE, long-poll and polling."""
