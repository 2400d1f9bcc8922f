"""Lines to a pipe with a slow reader, or with none."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from tracker_tui.output.exit_codes import OutputUnwritable
from tracker_tui.output.stdout import LineWriter


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The descriptors to read from and to write to."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            assert end == ends[0]  # a test that closed the reader's end


async def test_lines_arrive_at_once(pipe: tuple[int, int]) -> None:
    await LineWriter(pipe[1]).write(["one", "zwei 😀"])
    assert os.read(pipe[0], 100).decode() == "one\nzwei 😀\n"


async def test_a_character_that_the_encoding_lacks_is_replaced(pipe: tuple[int, int]) -> None:
    await LineWriter(pipe[1], "ascii").write(["◆ \udcff"])
    assert os.read(pipe[0], 100) == b"? ?\n"


async def test_a_slow_reader_blocks_the_writer_but_not_the_event_loop(pipe: tuple[int, int]) -> None:
    lines = LineWriter(pipe[1])
    much = "x" * 1_000_000
    writing = asyncio.create_task(lines.write([much]))
    after = asyncio.create_task(lines.write(["after"]))
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert not writing.done()
    received = bytearray()
    while not received.endswith(b"after\n"):
        received += await asyncio.to_thread(os.read, pipe[0], 1 << 20)
    await asyncio.gather(writing, after)
    assert received.decode() == f"{much}\nafter\n"


async def test_a_writer_that_waits_can_be_cancelled(pipe: tuple[int, int]) -> None:
    writing = asyncio.create_task(LineWriter(pipe[1]).write(["x" * 1_000_000]))
    for _ in range(1_000):
        await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing


async def test_a_closed_pipe_raises(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    with pytest.raises(BrokenPipeError):
        await LineWriter(pipe[1]).write(["anybody?"])


async def test_a_file_accepts_long_output() -> None:
    with open(os.devnull, "wb") as file:
        await LineWriter(file.fileno()).write(["x" * 1_000_000])


async def test_a_full_disk_differs_from_a_closed_pipe() -> None:
    with (
        open("/dev/full", "wb", buffering=0) as full,
        pytest.raises(OutputUnwritable, match=r"^No space left on device$"),
    ):
        await LineWriter(full.fileno()).write(["one"])
