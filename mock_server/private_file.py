"""Private files: readable by their user alone, and never seen half-written."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_private_file(path: Path, text: str, *, replace: bool) -> None:
    """Write a file with mode 0600 in one step.

    Args:
        path: The file; its directory must exist.
        text: The content, written as UTF-8.
        replace: Whether to replace an existing file; otherwise keep it and discard `text`.

    Raises:
        OSError: The file cannot be written.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if replace:
            os.replace(temporary, path)
        else:
            with suppress(FileExistsError):
                os.link(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
