"""Bytes on the wire: content negotiation, WebSocket frames, server-sent events, problem details."""
