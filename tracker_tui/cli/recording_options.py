"""What of a run is recorded or replayed: it belongs to one run, so the command line alone can say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tracker_tui.cli.options import UsageError, parse_path, parse_speed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """What the command line said of recordings; None where it said nothing."""

    record: str | None = None
    replay: str | None = None
    speed: str | None = None

    def check(self, others: Iterable[str]) -> None:
        """See whether it makes sense beside the `others` among the flags that were given.

        Raises:
            UsageError: It does not.
        """
        flag = "--record" if self.replay is None else "--replay"
        clash = {"--once"} if self.replay is None else {"--once", "--demo", "--all", *_GATEWAY}
        if self.record is not None and self.replay is not None:
            raise UsageError('--replay shows what is recorded already: leave out either "--replay" or "--record"')
        if self.speed is not None and self.replay is None:
            raise UsageError("--speed is how fast --replay FILE plays: name a recording")
        if self.record is None and self.replay is None:
            return
        for other in others:
            if other in clash:
                raise UsageError(f'{flag} does not go with {other}: leave out either "{flag}" or "{other}"')

    def parse(self) -> tuple[Path | None, Path | None, float]:
        """The file to record into, the one to replay, and how fast.

        Raises:
            UsageError: One of them cannot be used.
        """
        return (
            _read(parse_path, self.record, "--record", None),
            _read(parse_path, self.replay, "--replay", None),
            _read(parse_speed, self.speed, "--speed", 1.0),
        )


_GATEWAY = ("--server", "--token-file", "--token-command", "--ca-file", "--transport")
"""What makes no sense where no gateway is asked."""


def _read(convert: Callable[[str], T], text: str | None, flag: str, default: T | None) -> T:
    if text is None:
        return default  # type: ignore[return-value]
    try:
        return convert(text.encode().decode())
    except ValueError as error:
        raise UsageError(f"{flag}: {error}") from error
