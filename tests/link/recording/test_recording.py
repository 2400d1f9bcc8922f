"""Recording a feed, and replaying it to the same state."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_gateway import FakeGateway
from tests.support.orders import EPOCH, at, event, snapshot
from tests.support.virtual_time import VirtualClock, virtual
from tests.support.watch import Watch, gateway
from tracker_tui.domain.canonical import rfc3339
from tracker_tui.domain.command import Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, FeedEnded, LinkChanged, LinkState, Noted, OrderChanged, Phase, Standing
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.recording.format import InvalidRecording, Recording, read_recording
from tracker_tui.link.recording.player import ReplayFeed
from tracker_tui.link.recording.recorder import Recorder, create_recorder
from tracker_tui.link.recording.replay_clock import ReplayClock

HEADER = b'{"recording":"tracker-tui","version":1,"server":"http://x","orders":["A1"]}\n'
END = b'{"at":"2026-11-24T14:00:00.000Z","mono":0,"end":{}}\n'


@asynccontextmanager
async def recorded(path: Path, there: FakeGateway, *order_ids: str) -> AsyncIterator[Watch]:
    """Watch a gateway and record the feed."""
    watch = Watch(there, *order_ids)
    watch.feed = OrderFeed(
        order_ids or ("A1",), [there], there, clock=watch.clock, recorder=create_recorder(path, "http://gateway")
    )
    async with watch.feed:
        reader = asyncio.create_task(watch.read())
        yield watch
        # Changes are recorded when front ends read them: wait until they have.
        await asyncio.sleep(0.1)
    await reader


async def played(recording: Recording, *order_ids: str, speed: float = 1.0) -> tuple[ReplayFeed, list[Change]]:
    feed = ReplayFeed(recording, ReplayClock(recording, speed), order_ids or None)
    async with feed:
        changes = [change async for change in feed]
    return feed, changes


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def told(changes: list[Change]) -> list[object]:
    """Return the part of changes that does not depend on when they were read."""
    links = [(change.link.phase, change.link.attempt) for change in changes if isinstance(change, LinkChanged)]
    notes = [(rfc3339(change.at), change.text, change.order_id) for change in changes if isinstance(change, Noted)]
    arrived = [entry for change in changes if isinstance(change, OrderChanged) for entry in change.arrived]
    return [[type(change) for change in changes], links, notes, arrived]


@virtual
async def test_a_replay_reaches_the_recorded_state(tmp_path: Path) -> None:
    there = gateway("placed", "accepted")
    async with recorded(tmp_path / "tape", there) as watch:
        await watch.live()
        there.append("A1", "preparing", lost=True)
        there.append("A1", "ready")
        await watch.until(watch.is_up_to_date)
        there.close(1006)
        there.append("A1", "picked_up")
        await watch.until(lambda: watch.feed.link.phase is not Phase.LIVE)
        await watch.live()
        there.append("A1", "arriving", quiet=True)
        await asyncio.sleep(3)
        view, link = watch.feed.views["A1"], watch.feed.link
        counters, standing = asdict(watch.feed.counters), watch.feed.standing("A1")
        heard_at, took = watch.feed.heard_at, watch.clock.time()
    recording = read_recording(tmp_path / "tape")
    loop = asyncio.get_running_loop()
    start = loop.time()
    feed, changes = await played(recording)
    assert feed.views["A1"] == view
    assert feed.standing("A1") is standing
    assert asdict(feed.counters) == counters
    assert counters["repaired"] == counters["drops"] == 1
    assert told(changes) == told([change for change in watch.changes if not is_closing(change)])
    began = recording.records[0].mono
    shift = took + 0.1 - feed.clock.time()
    assert feed.link.shifted(shift).connected_at == pytest.approx(link.connected_at)
    assert feed.heard_at is not None
    assert heard_at is not None
    assert feed.heard_at + shift == pytest.approx(heard_at, abs=0.2)
    assert loop.time() - start == pytest.approx(feed.clock.time() - began, abs=0.01)


def is_closing(change: Change) -> bool:
    return isinstance(change, LinkChanged) and change.link.phase is Phase.CLOSED


@virtual
async def test_a_new_epoch_and_an_end_are_replayed_like_anything_else(tmp_path: Path) -> None:
    there = gateway("placed")
    async with recorded(tmp_path / "tape", there) as watch:
        await watch.live()
        there.begin_epoch(EPOCH + 5)
        there.append("A1", "delivered", Outcome.DELIVERED)
        await watch.until(lambda: watch.ended)
        view = watch.feed.views["A1"]
    feed, _ = await played(read_recording(tmp_path / "tape"))
    assert feed.views["A1"] == view
    assert view.complete
    assert feed.link.phase is Phase.FINAL


@virtual
async def test_a_fetched_snapshot_is_recorded_too(tmp_path: Path) -> None:
    there = gateway("placed")
    async with recorded(tmp_path / "tape", there) as watch:
        await watch.live()
        there.answers = False
        there.append("A1", "accepted", lost=True)
        there.append("A1", "preparing")
        await watch.until(watch.is_up_to_date)
        assert there.gets
    feed, _ = await played(read_recording(tmp_path / "tape"))
    assert feed.views["A1"] == watch.feed.views["A1"]
    assert feed.views["A1"].complete


@virtual
async def test_a_refusal_is_replayed_with_its_reason(tmp_path: Path) -> None:
    there = gateway("placed")
    there.deaf.add("A2")
    there.logs["A2"] = []
    there.unknown.add("A2")
    async with recorded(tmp_path / "tape", there, "A1", "A2") as watch:
        await watch.until(lambda: watch.feed.refused)
    feed, _ = await played(read_recording(tmp_path / "tape"))
    assert feed.standing("A2") is Standing.REFUSED
    assert feed.refused["A2"].code == "order_not_found"
    assert feed.order_ids == ("A1", "A2")


@virtual
async def test_commands_are_replayed_and_none_can_be_sent(tmp_path: Path) -> None:
    pending = PendingCommand(
        Command("0" * 8 + "-0000" * 3 + "-" + "0" * 12, Verb.NOTE, "ring twice"),
        at(3),
        CommandStatus.REFUSED,
        None,
        "no",
    )
    tape = create_recorder(tmp_path / "tape", "http://x")
    tape.begin(["A1"], VirtualClock(), print)
    tape.record_change(
        OrderChanged("A1", OrderView("A1"), Standing.IN_SYNC, (), (replace(pending, version=Cursor(EPOCH, 3)),))
    )
    tape.end()
    feed, changes = await played(read_recording(tmp_path / "tape"))
    assert [change.pending_commands for change in changes if isinstance(change, OrderChanged)] == [(pending,)]
    assert feed.pending_commands("A1") == (pending,)
    with pytest.raises(FeedEnded):
        feed.send("A1", Verb.CANCEL)


@pytest.mark.parametrize("killed", [False, True])
@virtual
async def test_messages_between_two_published_changes_are_replayed_as_one_change(tmp_path: Path, killed: bool) -> None:
    tape = create_recorder(tmp_path / "tape", "http://x")
    tape.begin(["A1"], VirtualClock(), print)
    for message in (snapshot(1), event(2, "accepted"), event(3, "preparing")):
        tape.record_message(message)
    if not killed:
        tape.record_change(OrderChanged("A1", OrderView("A1"), Standing.IN_SYNC))
        tape.end()
    tape._file.close()
    _, changes = await played(read_recording(tmp_path / "tape"))
    change, *more = changes
    assert isinstance(change, OrderChanged)
    assert [each.text for each in more if isinstance(each, Noted)] == (
        ["the recording stops here: its end is missing"] if killed else []
    )
    assert [entry.milestone.seq for entry in change.arrived] == [1, 2, 3]
    assert change.standing is Standing.IN_SYNC


@virtual
async def test_a_time_without_an_order_to_watch_is_replayed_as_one(tmp_path: Path) -> None:
    idle = LinkState(Phase.LIVE, "sse", list_every=10.0)
    tape = create_recorder(tmp_path / "tape", "http://gateway")
    tape.begin(("A1",), VirtualClock(), lambda text: None)
    tape.record_change(LinkChanged(idle))
    tape.end()
    feed, changes = await played(read_recording(tmp_path / "tape"))
    assert changes == [LinkChanged(idle)]
    assert feed.link == idle


@virtual
async def test_one_order_of_several_can_be_replayed(tmp_path: Path) -> None:
    there = gateway("placed")
    there.append("A2", "ready")
    async with recorded(tmp_path / "tape", there, "A1", "A2") as watch:
        await watch.live()
    feed, changes = await played(read_recording(tmp_path / "tape"), "A2")
    assert set(feed.views) == {"A2"}
    assert feed.views["A2"] == watch.feed.views["A2"]
    assert {change.order_id for change in changes if isinstance(change, OrderChanged)} == {"A2"}


@virtual
async def test_a_speed_shortens_the_waits_and_nothing_else(tmp_path: Path) -> None:
    there = gateway("placed")
    async with recorded(tmp_path / "tape", there) as watch:
        await watch.live()
        await asyncio.sleep(40)
    recording = read_recording(tmp_path / "tape")
    loop = asyncio.get_running_loop()
    start = loop.time()
    feed, _ = await played(recording, speed=8)
    assert loop.time() - start == pytest.approx(40 / 8, abs=0.1)
    assert feed.clock.time() == recording.records[-1].mono
    assert feed.clock.wall() == recording.records[-1].at


@virtual
async def test_the_clock_of_a_replay_stands_before_it_and_after_it(tmp_path: Path) -> None:
    async with recorded(tmp_path / "tape", gateway("placed")) as watch:
        await watch.live()
    recording = read_recording(tmp_path / "tape")
    clock = ReplayClock(recording)
    await asyncio.sleep(5)
    assert clock.wall() == recording.records[0].at
    clock.start()
    await asyncio.sleep(500)
    assert clock.wall() == recording.records[-1].at


@virtual
async def test_only_the_owner_can_read_a_recording_and_nothing_is_overwritten(tmp_path: Path) -> None:
    async with recorded(tmp_path / "tape", gateway("placed")) as watch:
        await watch.live()
    assert stat.S_IMODE((tmp_path / "tape").stat().st_mode) == 0o600
    before = (tmp_path / "tape").read_bytes()
    with pytest.raises(OSError, match="the file is not empty"):
        create_recorder(tmp_path / "tape", "http://x")
    assert (tmp_path / "tape").read_bytes() == before


class FullDisk(BytesIO):
    """A file that accepts `room` bytes."""

    room = 700

    def write(self, data: Any) -> int:
        if not self.room:
            raise OSError(28, os.strerror(28))
        taken = super().write(data[: self.room])
        self.room -= taken
        return taken


@virtual
async def test_a_full_disk_is_reported_once_and_stops_only_the_recording(tmp_path: Path) -> None:
    there = gateway("placed")
    disk = FullDisk()
    kept = bytearray()
    disk.close = lambda: kept.extend(disk.getvalue())  # type: ignore[method-assign]
    watch = Watch(there)
    watch.feed = OrderFeed(["A1"], [there], there, clock=watch.clock, recorder=(tape := Recorder(disk, "http://x")))
    async with watch.feed:
        reader = asyncio.create_task(watch.read())
        await watch.live()
        for status in ("accepted", "preparing", "ready"):
            there.append("A1", status)
        await watch.until(watch.is_up_to_date)
        await asyncio.sleep(1)
        assert watch.notes.count("the recording stopped: No space left on device") == 1
    await reader
    assert tape.error == "No space left on device"
    (tmp_path / "tape").write_bytes(kept)
    assert not kept.endswith(b"\n")
    assert read_recording(tmp_path / "tape").records


@virtual
async def test_a_recorder_stays_stopped_after_an_error(tmp_path: Path) -> None:
    disk, complaints = FullDisk(), list[str]()
    tape = Recorder(disk, "http://x")
    tape.begin(["A1"], VirtualClock(), complaints.append)
    tape.record_message(snapshot(9))
    written = disk.getvalue()
    disk.room = 10_000
    tape.record_message(event(10))
    assert disk.getvalue() == written
    assert complaints == ["the recording stopped: No space left on device"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "it is not a recording of tracker-tui"),
        (b"PK\x03\x04\xff\xff", "it is not a recording of tracker-tui"),
        (b"[1]\n", "it is not a recording of tracker-tui"),
        (b'{"recording":"asciinema"}\n', "it is not a recording of tracker-tui"),
        (HEADER.replace(b"1,", b"2,"), "it is a recording of version 2, not 1"),
        (HEADER.replace(b'"A1"', b'"A 1"'), "its first line contains invalid order ids"),
        (HEADER.replace(b'"http://x"', b"7"), "its first line names no server and orders"),
        (HEADER, "nothing was recorded"),
        (HEADER + b'{"at":"2026-11-24T14:00:00.000Z"', "nothing was recorded"),
        (HEADER + b"nonsense\n" + END, "line 2 is not part of a recording: not a JSON object"),
        (HEADER + END + b'{"mono":1,"end":{}}\n', "line 3 is not part of a recording: "),
        (HEADER + END.replace(b'"mono":0', b'"mono":-1'), "line 2 is not part of a recording: "),
        (HEADER + END.replace(b'"mono":0', b'"mono":NaN'), "line 2 is not part of a recording: "),
        (HEADER + END.replace(b'"end":{}', b'"wire":{"type":"hello"}'), "line 2 is not part of a recording: "),
        (
            HEADER + END.replace(b'"end":{}', b'"link":{"phase":"lost","transport":"x","attempt":0}'),
            "line 2 is not part",
        ),
        (
            HEADER + END.replace(b'"end":{}', b'"link":{"phase":"live","transport":"x","attempt":0,"downAt":1e300}'),
            "line 2 is not part of a recording: a time that is out of range",
        ),
        (HEADER + b"[" * 100_000 + b"\n", "line 2 is not part of a recording: not a JSON object"),
        (HEADER + b" " * (3 << 20), "a line is longer than 2097152 bytes"),
    ],
)
def test_an_invalid_recording_is_refused_in_one_line(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "tape").write_bytes(text)
    with pytest.raises(InvalidRecording) as error:
        read_recording(tmp_path / "tape")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_keys_and_a_cut_last_line_are_skipped(tmp_path: Path) -> None:
    more = END.replace(b'"end"', b'"weather"') + END.replace(b'"end":{}', b'"wire":{"type":"later"}')
    (tmp_path / "tape").write_bytes(HEADER + more + END + END[:-9])
    assert len(read_recording(tmp_path / "tape").records) == 1


def test_texts_of_a_recording_are_safe_to_show(tmp_path: Path) -> None:
    link = b'"link":{"phase":"failed","transport":"x","attempt":0,"reason":"\\u001b[2Jgone"}'
    (tmp_path / "tape").write_bytes(HEADER.replace(b"http://x", b"http://x\\u001b[2J") + END.replace(b'"end":{}', link))
    recording = read_recording(tmp_path / "tape")
    assert recording.server == "http://x␛[2J"
    assert getattr(recording.records[0].content, "reason", None) == "␛[2Jgone"


@virtual
async def test_every_line_has_its_time_and_the_first_is_the_header(tmp_path: Path) -> None:
    there = gateway("placed")
    async with recorded(tmp_path / "tape", there) as watch:
        await watch.live()
    header, *records = lines(tmp_path / "tape")
    assert header == {"recording": "tracker-tui", "version": 1, "server": "http://gateway", "orders": ["A1"]}
    assert all(set(record) - {"at", "mono"} <= KINDS and len(record) == 3 for record in records)
    assert [record["mono"] for record in records] == sorted(record["mono"] for record in records)
    assert {"hello", "subscribed", "snapshot"} <= {record["wire"]["type"] for record in records if "wire" in record}
    assert records[-1]["end"] == {}


KINDS = {"wire", "link", "order", "note", "measured", "end"}
