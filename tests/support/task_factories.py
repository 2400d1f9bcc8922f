"""Eager and lazy task factories: Textual sets an eager one from Python 3.12 on."""

from __future__ import annotations

import asyncio
import sys

import pytest

LAZY_AND_EAGER = pytest.mark.parametrize(
    "eager",
    [
        False,
        pytest.param(
            True, marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
        ),
    ],
    ids=["lazy", "eager"],
)
"""Runs a test with both kinds; pass its `eager` to `set_task_factory`."""


def set_task_factory(*, eager: bool) -> None:
    """Set the task factory of the running loop."""
    if eager and sys.version_info >= (3, 12):
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
