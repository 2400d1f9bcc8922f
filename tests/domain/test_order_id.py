"""Tests of the syntax of order ids."""

from __future__ import annotations

import pytest

from tracker_tui.domain.order import is_order_id


@pytest.mark.parametrize("text", ["A", "7", "A1042", "a.b_c-d", "x" * 64])
def test_a_valid_order_id(text: str) -> None:
    assert is_order_id(text)


@pytest.mark.parametrize(
    "text", ["", "x" * 65, "A1\n", "\nA1", " A1", "-A1", ".A1", "_A1", "A 1", "A/1", "A@1", "Ä1", "A١", "１", "A\x00"]
)
def test_an_invalid_order_id(text: str) -> None:
    assert not is_order_id(text)
