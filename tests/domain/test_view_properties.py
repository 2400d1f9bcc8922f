"""Tests that a view depends on the set of messages alone: random logs, compared with a model on sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import chain
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import EPOCH, START, state
from tests.support.server_logs import PROPERTY, Statement, deliveries, everything_said, heard, lifted, take
from tracker_tui.domain.canonical import canonical
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.history import Entry
from tracker_tui.domain.order import Location, Milestone, Order, OrderState
from tracker_tui.domain.seqs import Seqs
from tracker_tui.domain.view import OrderView, merge

LOGS = everything_said()

# Signed zeros, whole floats and other zones are equal in Python, but have different texts.
NEARLY_EQUAL_STATES = st.builds(
    lambda lat, lon, microsecond, hours: state(
        location=Location(lat, lon, START), updated_at=_in_zone(START.replace(microsecond=microsecond), hours)
    ),
    st.sampled_from([0.0, -0.0]),
    st.sampled_from([4.0, 5]),
    st.sampled_from([0, 1]),
    st.sampled_from([0, 2]),
)


@PROPERTY
@given(deliveries())
def test_any_permutation_with_any_duplicates_gives_the_same_view(
    delivered: tuple[list[Statement], list[Statement]],
) -> None:
    one, other = delivered
    assert heard(one) == heard(other)


@PROPERTY
@given(LOGS, st.data())
def test_messages_can_be_merged_in_a_tree_of_any_shape(statements: list[Statement], data: st.DataObject) -> None:
    views = [lifted(message) for message in data.draw(st.permutations(statements))] or [OrderView("A1")]
    while len(views) > 1:
        place = data.draw(st.integers(0, len(views) - 2))
        views[place : place + 2] = [merge(views[place], views[place + 1])]
    assert merge(OrderView("A1"), views[0]) == heard(statements)


@PROPERTY
@given(LOGS, LOGS, LOGS)
def test_merging_views_is_commutative_associative_and_idempotent(
    first: list[Statement], second: list[Statement], third: list[Statement]
) -> None:
    one, two, three = heard(first), heard(second), heard(third)
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three))
    assert merge(one, one) is one
    assert merge(merge(one, two), two) == merge(one, two)


@PROPERTY
@given(deliveries())
def test_joining_known_messages_gives_the_same_object(delivered: tuple[list[Statement], list[Statement]]) -> None:
    received, again = delivered
    view = heard(received)
    for message in again:
        assert take(view, message) is view
        assert merge(view, lifted(message)) is view


@PROPERTY
@given(LOGS)
def test_the_versions_of_state_facts_and_head_never_decrease(statements: list[Statement]) -> None:
    view = OrderView("A1")
    for message in statements:
        after = take(view, message)
        assert view.version is None or (after.version is not None and after.version >= view.version)
        assert view.facts is None or (after.facts is not None and after.facts.version >= view.facts.version)
        assert view.head is None or (after.head is not None and after.head >= view.head)
        assert after.epoch >= view.epoch
        view = after


@PROPERTY
@given(LOGS)
def test_the_resume_cursor_never_decreases(statements: list[Statement]) -> None:
    view = OrderView("A1")
    for message in statements:
        after = take(view, message)
        if view.resume and after.resume:
            assert after.resume >= view.resume
        view = after


@PROPERTY
@given(LOGS)
def test_a_view_equals_a_simple_model_of_the_set_of_messages(statements: list[Statement]) -> None:
    view, model = heard(statements), Model.of(statements)
    assert (view.state.value if view.state else None) == model.state
    assert (view.facts.value if view.facts else None) == model.facts
    assert view.version == model.version
    assert view.head == model.head
    assert view.target == model.target
    assert view.epoch == model.epoch
    assert list(view.history) == model.history
    assert view.superseded_epoch == model.superseded_epoch
    assert view.resume == model.resume
    assert view.complete == model.complete
    assert _seqs(view.gaps) == model.missing
    assert view.whole_history == model.whole_history


@PROPERTY
@given(LOGS)
def test_the_ranges_of_a_log_are_ascending_disjoint_and_never_adjacent(statements: list[Statement]) -> None:
    for _, log in heard(statements).logs:
        for seqs in (log.known, log.covered):
            bounds = list(chain.from_iterable(seqs.ranges))
            assert bounds == sorted(bounds)
            assert all(last + 1 < first for last, first in zip(bounds[1::2], bounds[2::2], strict=False))
            assert seqs.ranges == Seqs(seqs.ranges).__or__(seqs).ranges


@PROPERTY
@given(LOGS)
def test_history_is_ascending_and_has_each_version_once(statements: list[Statement]) -> None:
    versions = [entry.version for entry in heard(statements).history]
    assert versions == sorted(set(versions))


@PROPERTY
@given(st.lists(NEARLY_EQUAL_STATES, min_size=3, max_size=8), st.randoms(use_true_random=False))
def test_nearly_equal_states_at_one_version_give_one_view_in_any_order(
    bodies: list[OrderState], random: Random
) -> None:
    events: list[Statement] = [Event("A1", EPOCH, 3, body, None) for body in bodies]
    view = heard(events)
    random.shuffle(events)
    assert heard(events) == view


@PROPERTY
@given(st.text(min_size=1, max_size=64))
def test_unknown_statuses_are_kept(status: str) -> None:
    view = heard([Event("A1", EPOCH, 1, state(status), None)])
    assert view.state is not None
    assert view.state.value.status == status


@dataclass(frozen=True)
class Model:
    """A simple, slow model of the view after a set of messages (PROTOCOL §1)."""

    version: Cursor | None
    state: OrderState | None
    facts: Order | None
    facts_at: Cursor | None
    head: Cursor | None
    history: list[Entry]
    known: set[tuple[int, int]]
    covered: set[tuple[int, int]]

    @classmethod
    def of(cls, statements: list[Statement]) -> Model:
        bodies = [message for message in statements if not isinstance(message, Cursor)]
        snapshots = [message for message in bodies if isinstance(message, Snapshot)]
        newest = max(bodies, key=lambda m: (m.version, isinstance(m, Snapshot), canonical(m.state)), default=None)
        facts = max(snapshots, key=lambda m: (m.version, canonical(m.order)), default=None)
        lines: dict[tuple[int, int], list[tuple[bool, Milestone]]] = {}
        known, covered = set(), set()
        for body in bodies:
            if isinstance(body, Event):
                known.add((body.epoch, body.seq))
                covered.add((body.epoch, body.seq))
                if body.milestone:
                    lines.setdefault((body.epoch, body.seq), []).append((False, body.milestone))
            else:
                known |= {(body.epoch, seq) for seq in range(1, body.seq + 1)}
                covered |= {(body.epoch, seq) for seq in range(body.history_from, body.seq + 1)}
                for line in body.history:
                    lines.setdefault((body.epoch, line.seq), []).append((True, line))
        best = {at: max(candidates, key=lambda t: (t[0], canonical(t[1]))) for at, candidates in lines.items()}
        since = facts.epoch if facts else 0
        history = [Entry(epoch, line, whole) for (epoch, _), (whole, line) in sorted(best.items()) if epoch >= since]
        return cls(
            newest.version if newest else None,
            newest.state if newest else None,
            facts.order if facts else None,
            facts.version if facts else None,
            max((message for message in statements if isinstance(message, Cursor)), default=None),
            history,
            known,
            covered,
        )

    @property
    def target(self) -> Cursor | None:
        return max((cursor for cursor in (self.version, self.head) if cursor), default=None)

    @property
    def epoch(self) -> int:
        return self.target.epoch if self.target else 0

    @property
    def superseded_epoch(self) -> bool:
        return self.facts_at is not None and self.facts_at.epoch < self.epoch

    @property
    def missing(self) -> list[int]:
        if self.target is None:
            return []
        return [seq for seq in range(1, self.target.seq + 1) if (self.epoch, seq) not in self.known]

    @property
    def resume(self) -> Cursor | None:
        if self.facts_at is None or self.superseded_epoch:
            return None
        upto = 0
        while (self.epoch, upto + 1) in self.known:
            upto += 1
        return Cursor(self.epoch, upto)

    @property
    def complete(self) -> bool:
        return self.facts_at is not None and not self.superseded_epoch and not self.missing

    @property
    def whole_history(self) -> bool:
        if self.version is None:
            return False
        # If a newer log is only announced, none of its history is known yet.
        return all((self.epoch, seq) in self.covered for seq in range(1, self.version.seq + 1))


def _seqs(ranges: tuple[tuple[int, int], ...]) -> list[int]:
    return [seq for first, last in ranges for seq in range(first, last + 1)]


def _in_zone(time: datetime, hours: int) -> datetime:
    return time.astimezone(timezone(timedelta(hours=hours)))
