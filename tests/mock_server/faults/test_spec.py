"""Parsing and formatting of faults."""

from __future__ import annotations

import pytest

from mock_server.faults.base import Fault
from mock_server.faults.catalogue import FAULTS
from mock_server.faults.connections import Close
from mock_server.faults.messages import Drop, Reorder
from mock_server.faults.requests import BlockWebSocket, RateLimit, Redirect, Refuse, RetryAfterForm, WebSocketBlockMode
from mock_server.faults.server import TerminalWhileWatching
from mock_server.faults.spec import FaultError, format_fault, list_faults, parse_fault
from mock_server.faults.tcp import TCP_FAULTS
from tracker_tui.domain.order import Outcome


@pytest.mark.parametrize("faults", [FAULTS, TCP_FAULTS], ids=["gateway", "proxy"])
def test_every_fault_parses_without_parameters_and_is_formatted_back(faults: dict[str, type[Fault]]) -> None:
    assert [format_fault(parse_fault(name, faults)) for name in faults] == list(faults)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop:probability=0.5,order=A1", Drop(probability=0.5, order="A1")),
        ("drop:count=2,for=10", Drop(count=2, for_=10.0)),
        ("reorder:window=3", Reorder(window=3)),
        ("close:code=4029,reason=slow down", Close(code=4029, reason="slow down")),
        ("refuse:status=429,retry_after=7,plain=true", Refuse(status=429, retry_after=7.0, plain=True)),
        ("block-websocket:mode=silent,count=2", BlockWebSocket(mode=WebSocketBlockMode.SILENT, count=2)),
        ("rate-limit:retry_after=1.5,form=date", RateLimit(retry_after=1.5, form=RetryAfterForm.DATE)),
        ("redirect:to=https://x.invalid:8443/a?b=c", Redirect(to="https://x.invalid:8443/a?b=c")),
        ("terminal-while-watching:outcome=lost", TerminalWhileWatching(outcome=Outcome.LOST)),
    ],
)
def test_parameters_are_parsed_with_their_types_and_formatted_back(text: str, fault: object) -> None:
    assert parse_fault(text) == fault
    assert parse_fault(format_fault(parse_fault(text))) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no fault ''; `mock-server faults` lists them"),
        ("explode", "there is no fault 'explode'; `mock-server faults` lists them"),
        ("drop:x=1", "drop has no parameter 'x'; it takes count, for, order, probability"),
        ("drop:probability", "drop has no parameter 'probability'; it takes count, for, order, probability"),
        ("drop:count=1,count=2", "drop: count is written twice"),
        ("latency", "latency is a fault of `mock-server proxy`, not of the server; `mock-server faults` lists them"),
        ("drop:probability=1.5", "drop: probability is a number from 0 to 1, not '1.5'"),
        ("drop:probability=nan", "drop: probability is a number from 0 to 1, not 'nan'"),
        ("drop:order=../x", "drop: order is an order id, not '../x'"),
        ("reorder:window=1.5", "reorder: window is a whole number from 1 to 1000, not '1.5'"),
        ("reorder:window=1_0", "reorder: window is a whole number from 1 to 1000, not '1_0'"),
        ("close:code=1005", "close: code is a whole number: 1000-1003, 1007-1014 or 3000-4999, not '1005'"),
        ("corrupt:kind=soup", "corrupt: kind is junk | types | binary | any, not 'soup'"),
        ("redirect:status=304", "redirect: status is a whole number: 301 | 302 | 303 | 307 | 308, not '304'"),
        ("redirect:to=/away", "redirect: to is an http(s) or ws(s) URL, not '/away'"),
        ("block-sse:mode=silent", "block-sse: mode is refuse | portal | hang, not 'silent'"),
        ("corrupt:instead=maybe", "corrupt: instead is true or false, not 'maybe'"),
        ("new-epoch:for=3", "new-epoch has no parameter 'for'; it takes drop_connections"),
    ],
)
def test_an_error_is_one_line_with_the_allowed_values(text: str, message: str) -> None:
    with pytest.raises(FaultError) as error:
        parse_fault(text)
    assert str(error.value) == message


@pytest.mark.parametrize("faults", [FAULTS, TCP_FAULTS], ids=["gateway", "proxy"])
def test_the_catalogue_describes_each_fault_and_what_a_client_should_do(
    faults: dict[str, type[Fault]],
) -> None:
    entries = {entry.name: entry for entry in list_faults(faults)}
    assert list(entries) == list(faults)
    for entry in entries.values():
        assert entry.summary.endswith(".")
        assert "\n" not in entry.summary
        assert entry.advice


def test_the_catalogue_describes_the_allowed_values_of_parameters() -> None:
    entries = {entry.name: entry for entry in list_faults()}
    parameters = {parameter.name: parameter for parameter in entries["drop"].parameters}
    assert (parameters["probability"].default, parameters["order"].allowed) == ("0.3", "an order id")
