"""Certificates of a test CA."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import trustme


class Authority:
    """A CA that issues server certificates."""

    def __init__(self) -> None:
        self._ca = trustme.CA()

    def file(self, folder: Path) -> Path:
        """Write the CA's certificate, for `--ca-file`."""
        path = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(path)
        return path

    def server(self, *names: str, not_after: datetime | None = None) -> ssl.SSLContext:
        """Return the TLS settings of a server for these names."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._ca.issue_cert(*names, not_after=not_after).configure_cert(context)
        return context


PAST = datetime(2024, 1, 1, tzinfo=UTC)
