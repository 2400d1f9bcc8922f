"""The program tracker-tui: argv to settings, settings to one front end, and its end to an exit code."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper

from tracker_tui.cli.log_file import logging_to
from tracker_tui.cli.options import TOUR, Format, UsageError
from tracker_tui.cli.parser import TextRequest, VersionRequest, parse_arguments
from tracker_tui.cli.settings import Settings, as_toml, load_settings, unknown_variables
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.output.exit_codes import ExitCode
from tracker_tui.output.unwritable import OutputUnwritable

READER_GONE = 141
"""Exit code when nobody reads the output any more: 128 + SIGPIPE, as other filters end."""

_log = logging.getLogger(__name__)


def main() -> None:
    """Run the program and exit."""
    sys.exit(_run(sys.argv[1:]))


def _run(argv: Sequence[str]) -> int:
    try:
        return _do(argv)
    except UsageError as error:
        _complain(str(error))
        return ExitCode.USAGE
    except BrokenPipeError:
        _forget_stdout()
        return READER_GONE
    except OutputUnwritable as error:
        _forget_stdout()
        _complain(f"the output cannot be written: {error}; make room, or write it elsewhere")
        return ExitCode.CRASH
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the rim: whatever it was, people get one line and a code
        _complain(f"crashed: {type(error).__name__}: {sanitize(str(error))}; --log-file FILE keeps the details")
        return ExitCode.CRASH


def _do(argv: Sequence[str]) -> int:
    if sys.stdout is None:
        raise OutputUnwritable(OSError(errno.EBADF, "stdout is closed"))
    if isinstance(sys.stdout, TextIOWrapper):
        # A character that the terminal lacks is no reason to lose what is said.
        sys.stdout.reconfigure(errors="replace")
    asked = parse_arguments(argv)
    match asked:
        case TextRequest(text=text):
            return _print(text)
        case VersionRequest():
            from importlib.metadata import version  # noqa: PLC0415 - slow, and wanted by nobody else

            return _print(f"tracker-tui {version('tracker-tui')}\n")
    settings = load_settings(asked, os.environ)
    if warning := unknown_variables(os.environ):
        _complain(warning)
    if asked.print_config:
        return _print(as_toml(settings))
    with logging_to(settings.log_file):
        try:
            return _show(settings)
        except Exception:
            _log.exception("crashed")
            raise


def _show(settings: Settings) -> int:
    chosen = _front(settings)
    if chosen is Format.TUI:
        from tracker_tui.cli.run_tui import run_tui  # noqa: PLC0415 - brings Textual

        return run_tui(settings, _complain)
    if settings.demo == TOUR:
        raise UsageError(f'--demo {TOUR} is a tour of the screens, and needs a terminal; try "--demo" here')
    from tracker_tui.cli.run_stream import run_stream  # noqa: PLC0415

    return run_stream(settings, chosen, _complain)


def _front(settings: Settings) -> Format:
    """The front end that was asked for, or that fits the terminal."""
    terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    if settings.once:
        return Format.NDJSON if settings.format is Format.NDJSON else Format.PLAIN
    if settings.format is None:
        # A dumb terminal would show escape sequences instead of obeying them.
        return Format.TUI if terminal and os.environ.get("TERM", "dumb") != "dumb" else Format.PLAIN
    if settings.format is Format.TUI and not terminal:
        raise UsageError('--format tui needs a terminal; use "--format plain" here')
    return settings.format


def _print(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputUnwritable(error) from error
    return ExitCode.DONE


def _forget_stdout() -> None:
    if sys.stdout is None:
        return
    # Python flushes stdout once more on exit, and would complain.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(line: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"tracker-tui: {line}\n")
        sys.stderr.flush()
