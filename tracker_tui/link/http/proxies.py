"""The proxy for a server, from the environment: HTTP_PROXY, HTTPS_PROXY and NO_PROXY."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy; its repr shows the address, but no credentials.

    Attributes:
        address: ``scheme://host:port``.
        credentials: User and password, if any.
    """

    address: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> Proxy:
        """Parse a proxy's URL; the default scheme is http.

        Raises:
            ValueError: It is not the URL of an HTTP proxy; the message does not repeat it.
        """
        example = "not the URL of a proxy such as http://proxy.example:3128"
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            port, host = parts.port, parts.hostname or ""
            host.encode("idna")
        except ValueError:
            # Not chained: urllib's message quotes the text.
            raise ValueError(example) from None
        if parts.scheme not in _PORTS:
            raise ValueError("not an HTTP proxy: only http:// and https:// are understood")
        if not host or port == 0 or not text.isprintable() or " " in text or parts.path.strip("/") or parts.query:
            raise ValueError(example)
        credentials = None
        if parts.username is not None:
            credentials = (unquote(parts.username), unquote(parts.password or ""))
        host = f"[{host}]" if ":" in host else host
        return cls(f"{parts.scheme}://{host}:{port or _PORTS[parts.scheme]}", credentials)

    @property
    def is_tls(self) -> bool:
        """Whether the connection to the proxy itself is encrypted."""
        return self.address.startswith("https:")

    @property
    def url(self) -> str:
        """The URL with the credentials, for a library that connects; never show it."""
        scheme, _, host = self.address.partition("://")
        user = ":".join(quote(part, safe="") for part in self.credentials) + "@" if self.credentials else ""
        return f"{scheme}://{user}{host}"


def proxy_for(base: str, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for requests to a server; None for a direct connection.

    Args:
        base: The server's URL.
        environ: The environment; lower-case names take precedence, as in curl and urllib.

    Raises:
        ValueError: The environment names an invalid proxy; the message names the variable.
    """
    parts = urlsplit(base)
    host, port = (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme]
    name = f"{parts.scheme}_proxy"
    text = _variable(environ, name).strip()
    if not text or _is_loopback(host) or _is_excepted(host, port, _variable(environ, "no_proxy")):
        return None
    try:
        return Proxy.parse(text)
    except ValueError as error:
        raise ValueError(f"{name.upper()} is {error}") from None


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, environ.get(name.upper(), ""))


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return address.is_loopback if address else host == "localhost" or host.endswith(".localhost")


def _is_excepted(host: str, port: int, no_proxy: str) -> bool:
    """Return whether NO_PROXY excludes a host: by name, domain, address or network, or ``*``; with or without port."""
    return any(_matches(host, port, entry.strip().lower()) for entry in no_proxy.split(",") if entry.strip())


def _matches(host: str, port: int, entry: str) -> bool:
    if entry == "*":
        return True
    if (address := _address(host)) is not None and "/" in entry:
        try:
            return address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, colon, number = entry.rpartition(":")
    if colon and number.isdecimal() and (name.startswith("[") or ":" not in name):
        if int(number[:6]) != port:
            return False
        entry = name
    entry = entry.strip("[]").removeprefix("*").lstrip(".")
    if address is not None:
        return address == _address(entry)
    return bool(entry) and (host == entry or host.endswith(f".{entry}"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
