"""The program tracker-tui: parses the arguments, runs one front end, and exits with its code."""

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
from tracker_tui.cli.order_arguments import use_terminal_as_stdin
from tracker_tui.cli.parser import TextRequest, VersionRequest, parse_arguments
from tracker_tui.cli.print_config import settings_as_toml
from tracker_tui.cli.settings import Settings, load_settings, unknown_variables
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.output.exit_codes import ExitCode, OutputUnwritable

BROKEN_PIPE = 141
"""Exit code when the reader of stdout is gone: 128 + SIGPIPE, as other filters exit."""

_log = logging.getLogger(__name__)


def main() -> None:
    """Run the program and exit."""
    sys.exit(_run(sys.argv[1:]))


def _run(argv: Sequence[str]) -> int:
    try:
        return _execute(argv)
    except UsageError as error:
        _print_error(str(error))
        return ExitCode.USAGE
    except BrokenPipeError:
        _discard_stdout()
        return BROKEN_PIPE
    except OutputUnwritable as error:
        _discard_stdout()
        _print_error(f"the output cannot be written: {error}; make room, or write it elsewhere")
        return ExitCode.CRASH
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the program's rim: report any crash with one line and exit code 1
        _print_error(f"crashed: {type(error).__name__}: {sanitize(str(error))}; --log-file FILE keeps the details")
        return ExitCode.CRASH


def _execute(argv: Sequence[str]) -> int:
    if sys.stdout is None:
        raise OutputUnwritable(OSError(errno.EBADF, "stdout is closed"))
    if isinstance(sys.stdout, TextIOWrapper):
        # Replace characters that the terminal's encoding lacks, instead of failing.
        sys.stdout.reconfigure(errors="replace")
    request = parse_arguments(argv)
    match request:
        case TextRequest(text=text):
            return _print(text)
        case VersionRequest():
            from importlib.metadata import version  # noqa: PLC0415 - slow to load, only needed here

            return _print(f"tracker-tui {version('tracker-tui')}\n")
    settings = load_settings(request, os.environ)
    if warning := unknown_variables(os.environ):
        _print_error(warning)
    if settings.warning is not None:
        _print_error(settings.warning)
    if request.print_config:
        return _print(settings_as_toml(settings))
    with logging_to(settings.log_file):
        try:
            return _run_front_end(settings)
        except Exception:
            _log.exception("crashed")
            raise


def _run_front_end(settings: Settings) -> int:
    if settings.reads_stdin and not settings.once and settings.format in {None, Format.TUI}:
        use_terminal_as_stdin()
    format_ = _choose_format(settings)
    if settings.names_nothing and (format_ is not Format.TUI or settings.sources.get("until") == "from --until"):
        raise UsageError(
            'which order? Try "tracker-tui A1042" or "tracker-tui --all", or "tracker-tui --demo" without a server'
        )
    if format_ is Format.TUI:
        from tracker_tui.cli.run_tui import run_tui  # noqa: PLC0415 - loads Textual

        return run_tui(settings, _print_error)
    if settings.demo == TOUR:
        raise UsageError(f'--demo {TOUR} is a tour of the screens, and needs a terminal; try "--demo" here')
    from tracker_tui.cli.run_stream import run_stream  # noqa: PLC0415 - loads asyncio

    return run_stream(settings, format_, _print_error)


def _choose_format(settings: Settings) -> Format:
    """Return the format in the settings, or the one that suits stdin, stdout and stderr."""
    is_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    if settings.once:
        return Format.PLAIN if settings.format in {None, Format.TUI} else settings.format
    if settings.format is not None and settings.format.is_document:
        source = settings.sources["format"].removeprefix("from ")
        raise UsageError(
            f"{source}: {settings.format} shows the present state only, and needs --once; "
            "to follow changes, use plain or ndjson"
        )
    if settings.format is None:
        # A dumb terminal prints escape sequences instead of obeying them.
        return Format.TUI if is_terminal and os.environ.get("TERM", "dumb") != "dumb" else Format.PLAIN
    if settings.format is Format.TUI and not is_terminal:
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


def _discard_stdout() -> None:
    if sys.stdout is None:
        return
    # Python flushes stdout again at exit, and would print an error.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(line: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"tracker-tui: {line}\n")
        sys.stderr.flush()
