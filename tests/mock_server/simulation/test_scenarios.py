"""Scenario files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.simulation.lifecycles.spec import Twist
from mock_server.simulation.scenarios.scenario import ScenarioError, load_scenario, scenario_names
from tracker_tui.domain.order import Outcome

ORDER = '[[orders]]\nid = "A1"\n'


def load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "own.toml"
    file.write_text(text)
    return load_scenario(str(file))


def test_the_bundled_scenarios_are_in_the_package() -> None:
    assert scenario_names() == ["busy", "cancelled", "default", "demo", "flaky", "parcel", "quick", "tour"]


@pytest.mark.parametrize("name", scenario_names())
def test_a_bundled_scenario_loads_by_its_name(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.title
    assert scenario.description


def test_a_scenario_file_loads_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        """
        title = "Mine"
        fill = 7

        [[orders]]
        id = "X-1"
        flow = "parcel"
        title = "Regenschirm"
        start = "held"
        progress = 1
        ending = "returned"
        failed_attempts = 1
        twists = ["held", "late_scan"]
        promised_minutes = 90
        lasts = 60

        [[timeline]]
        at = 9.5
        fault = "heal"

        [[timeline]]
        at = 2
        fault = "reorder:probability=0.5,window=6"
        """
    )
    scenario = load_scenario(str(file))
    assert (scenario.name, scenario.title, scenario.fill) == ("mine", "Mine", 7)
    assert scenario.timeline == ((2.0, "reorder:probability=0.5,window=6"), (9.5, "heal"))
    (spec,) = scenario.orders
    assert (spec.id, spec.ending, spec.lasts) == ("X-1", Outcome.RETURNED, 60.0)
    assert spec.twists == (Twist.HELD, Twist.LATE_SCAN)


def test_an_unknown_name_is_reported_with_the_bundled_ones() -> None:
    with pytest.raises(
        ScenarioError, match=r"no scenario is called 'dmeo'; there are busy, .*quick, tour, or give the path"
    ):
        load_scenario("dmeo")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("orders = [", "own.toml is not TOML in UTF-8"),
        ("", "own.toml has no orders; add at least one as [[orders]]"),
        ("orders = 3", "own.toml: orders must be a list of at most 1000 tables, each written as [[orders]], not 3"),
        ("orders = [3]", "own.toml: orders[1] must be a table, not 3"),
        ("speed = 2\n" + ORDER, "own.toml: unknown key 'speed'; allowed: title, description, fill, orders, timeline"),
        ("title = 5\n" + ORDER, "own.toml: title must be a text of 1 to 1000 characters, not 5"),
        ("fill = 0\n" + ORDER, "own.toml: fill must be a whole number from 1 to 10000, not 0"),
        ("[[orders]]", "orders[1].id must be an order id: 1 to 64 letters, digits and . _ -"),
        ('[[orders]]\nid = "-A"', "orders[1].id must be an order id: 1 to 64 letters"),
        ('[[orders]]\nid = "A1\\n"', "orders[1].id must be an order id: 1 to 64 letters"),
        (ORDER + ORDER, "own.toml: orders[2].id: 'A1' is taken; give every order an id of its own"),
        (ORDER + "colour = 1", "own.toml: orders[1]: unknown key 'colour'; allowed: id, flow, title"),
        (ORDER + 'flow = "foood"', "orders[1].flow must be one of food, parcel, not 'foood'"),
        (ORDER + 'ending = "lost"', "orders[1].ending must be one of delivered, cancelled, rejected, not 'lost'"),
        (ORDER + 'city = "Atlantis"', "orders[1].city must be one of Berlin"),
        (ORDER + 'twists = ["held"]', "orders[1].twists must be a list out of reopened, silent_courier, not ['held']"),
        (
            ORDER + 'start = "held"',
            "orders[1].start must be a stage of its lifecycle (this order never has the status 'held'; it can start as",
        ),
        (ORDER + 'start = "ready"\nending = "rejected"', "it can start as placed or ended)"),
        (ORDER + 'start = "ready"\nprogress = 2', "orders[1].progress must be a number from 0 to 1, not 2"),
        (ORDER + "progress = 0.5", "orders[1].progress must be left out unless start names a stage, not 0.5"),
        (ORDER + 'start = "ready"\nappears = 5', "orders[1].appears must be left out where start is given"),
        (ORDER + "slips = 1.5", "orders[1].slips must be a whole number from 0 to 3, not 1.5"),
        (ORDER + "slips = true", "orders[1].slips must be a whole number from 0 to 3, not True"),
        (ORDER + "pace = nan", "orders[1].pace must be a number from 0.01 to 100000, not nan"),
        (ORDER + "pace = 2\nlasts = 9", "orders[1].pace must be left out where lasts is given, not 2"),
        (ORDER + 'start = "ended"\nlasts = 9', "orders[1].lasts must be left out where start is 'ended'"),
        (ORDER + "failed_attempts = 1", "orders[1].failed_attempts must be left out unless flow is 'parcel', not 1"),
        (ORDER + 'ends_in = "ready"', "orders[1].ends_in must be left out unless ending is 'cancelled', not 'ready'"),
        (ORDER + "notes = [1]", "orders[1].notes[1] must be a text, not 1"),
        (
            ORDER + '[[timeline]]\nfault = "heal"',
            "timeline[1].at must be a number: seconds after the start; it is missing",
        ),
        (ORDER + "[[timeline]]\nat = 1", "timeline[1].fault must be a fault as NAME or NAME:key=value"),
        (ORDER + '[[timeline]]\nat = 1\nfault = "drop 3"', "timeline[1].fault must be a fault as NAME"),
        (ORDER + f'title = "{"x" * 2000}"', "xxx…"),
    ],
)
def test_an_error_is_one_line_with_its_place_and_the_allowed_values(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreadable_file_is_reported_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "missing.toml", folder, binary, Path("nul\x00.toml")):
        with pytest.raises(ScenarioError) as caught:
            load_scenario(str(path))
        assert "\n" not in str(caught.value)
        assert path.name.replace("\x00", "\\x00") in str(caught.value)
