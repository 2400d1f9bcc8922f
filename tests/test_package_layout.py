"""Rules for the two packages: where code may be, and that a name means one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("tracker_tui", "mock_server")

INIT_FILES_WITH_CODE = {"tracker_tui/__init__.py", "mock_server/__init__.py"}

MAX_LINES = 350


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def public_definitions(path: Path) -> set[str]:
    """Return the names of a module's classes and of its public functions."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return {name for name in classes | functions if not name.startswith("_")}


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_top_level_init_files_hold_code(package: str) -> None:
    with_code = {
        path.relative_to(ROOT).as_posix()
        for path in modules(package)
        if path.name == "__init__.py" and len(ast.parse(path.read_text(encoding="utf-8")).body) > 1
    }
    assert with_code <= INIT_FILES_WITH_CODE


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_is_a_package_with_a_docstring(package: str) -> None:
    for folder in {path.parent for path in modules(package)}:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))), folder


@pytest.mark.parametrize("package", PACKAGES)
def test_no_class_and_no_public_function_is_defined_twice(package: str) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in modules(package):
        for name in public_definitions(path) - {"main"}:
            places[name].append(path.relative_to(ROOT).as_posix())
    duplicates = {name: paths for name, paths in places.items() if len(paths) > 1}
    assert duplicates == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_longer_than_350_lines(package: str) -> None:
    too_long = {
        path.relative_to(ROOT).as_posix()
        for path in modules(package)
        if path.read_text(encoding="utf-8").count("\n") > MAX_LINES
    }
    assert too_long == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_docstring_of_a_function_begins_with_a_question_word(package: str) -> None:
    question = re.compile(r"(What|Who|Where|How|When|Which|Whether)\b")
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not any("property" in ast.dump(decorator) for decorator in node.decorator_list)
        and question.match(ast.get_docstring(node) or "")
    ]
    assert found == []
