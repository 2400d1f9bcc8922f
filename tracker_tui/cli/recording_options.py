"""The options of recordings, which only the command line can set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tracker_tui.cli.options import UsageError, parse_path, parse_speed

T = TypeVar("T")

_SERVER_FLAGS = ("--server", "--token-file", "--token-command", "--ca-file", "--transport")


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """The values on the command line; None for those that are not given."""

    record: str | None = None
    replay: str | None = None
    speed: str | None = None

    def check(self, other_flags: Iterable[str]) -> None:
        """Check that the options fit together.

        Args:
            other_flags: The other flags that were given.

        Raises:
            UsageError: They don't.
        """
        if self.record is not None and self.replay is not None:
            raise UsageError('--replay shows an existing recording: leave out either "--replay" or "--record"')
        if self.speed is not None and self.replay is None:
            raise UsageError("--speed is the speed of --replay FILE: name a recording")
        if self.record is None and self.replay is None:
            return
        flag = "--record" if self.replay is None else "--replay"
        excluded = {"--once"} if self.replay is None else {"--once", "--demo", "--all", *_SERVER_FLAGS}
        for other in other_flags:
            if other in excluded:
                raise UsageError(f'{flag} does not go with {other}: leave out either "{flag}" or "{other}"')

    def parse(self) -> tuple[Path | None, Path | None, float]:
        """Return the file to record into, the file to replay, and the speed.

        Raises:
            UsageError: A value is not valid.
        """
        return (
            _parse(parse_path, self.record, "--record", None),
            _parse(parse_path, self.replay, "--replay", None),
            _parse(parse_speed, self.speed, "--speed", 1.0),
        )


def _parse(convert: Callable[[str], T], text: str | None, flag: str, default: T | None) -> T:
    if text is None:
        return default  # type: ignore[return-value]
    try:
        return convert(text.encode().decode())
    except ValueError as error:
        raise UsageError(f"{flag}: {error}") from error
