"""Names for the caches of different users of a server.

A name is a keyed hash, because a token or a token command may be part of it. The key is random and stays on this
machine.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from tracker_tui.storage.files import write_atomically

ANONYMOUS = ""
"""The identity of requests without a token."""

KEY_FILE = "orders.key"
"""The file of the key, in the same directory as the folder of the cache."""

_KEY_BYTES = 32


def identity_digest(folder: Path, parts: tuple[str, ...]) -> str | None:
    """Return a digest that identifies the origin of a token.

    Args:
        folder: The folder of the cache.
        parts: The origin, for example ``("token-file", "/run/token")``; empty for requests without a token.

    Returns:
        `ANONYMOUS` for an empty origin; None if the key can't be kept.
    """
    if not parts:
        return ANONYMOUS
    key = _load_or_create_key(folder.with_name(KEY_FILE))
    if key is None:
        return None
    text = json.dumps(parts).encode()
    return blake2b(text, key=key, digest_size=32).hexdigest()


def _load_or_create_key(path: Path) -> bytes | None:
    if (key := _read_key(path)) is not None:
        return key
    with suppress(OSError):
        write_atomically(path, secrets.token_hex(_KEY_BYTES))
    # Another session may have written its key at the same moment: use the one that is left on the disk.
    return _read_key(path)


def _read_key(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            key = bytes.fromhex(file.read(2 * _KEY_BYTES + 1).decode("ascii"))
    except (OSError, ValueError):
        return None
    return key if len(key) == _KEY_BYTES else None
