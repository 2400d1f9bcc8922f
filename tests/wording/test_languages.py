"""The languages of the sentence for the customer: each has every text, with the fields of the English one."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import import_module
from string import Formatter

import pytest

from tracker_tui.domain.order import Outcome
from tracker_tui.wording import languages
from tracker_tui.wording.languages.en import ENGLISH
from tracker_tui.wording.languages.language import Language, Tenses

LANGUAGES = [
    value
    for module in pkgutil.iter_modules(languages.__path__)
    for value in vars(import_module(f"{languages.__name__}.{module.name}")).values()
    if isinstance(value, Language)
]


def texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a language with the path to it."""
    match value:
        case str():
            yield path, value
        case Tenses():
            yield from texts(value.now, f"{path}.now")
            yield from texts(value.then, f"{path}.then")
        case Mapping():
            for key, each in value.items():
                yield from texts(each, f"{path}.{key}")
        case Language():
            for field in fields(value):
                yield from texts(getattr(value, field.name), field.name)
        case _:
            pass


def used_fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.code)
def test_every_text_has_the_fields_of_the_english_one(language: Language) -> None:
    english = dict(texts(ENGLISH))
    translated = dict(texts(language))
    assert translated.keys() == english.keys()
    assert {path: used_fields(text) for path, text in translated.items()} == {
        path: used_fields(text) for path, text in english.items()
    }
    assert all(translated.values())


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.code)
def test_every_number_has_a_form_and_every_day_and_outcome_a_word(language: Language) -> None:
    for forms in language.units.values():
        assert {forms[language.plural(number)] for number in range(1, 201)} == set(forms)
        assert all(used_fields(form) == {"number"} for form in forms)
    assert set(language.units) == {"s", "min", "h", "d"}
    assert (len(language.weekdays), len(language.months)) == (7, 12)
    assert set(language.outcomes) == set(Outcome)
