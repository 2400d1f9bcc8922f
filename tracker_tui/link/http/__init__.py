"""HTTP: the client, proxies, the server's address, the orders API."""
