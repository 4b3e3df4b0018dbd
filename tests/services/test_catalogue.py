"""Every text that people see has its Norwegian words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.nodes import Call, Name

import invito
from invito.plugins.contract import Language
from invito.services.language import language_of, translate

HOUSE = Path(invito.__file__).parent
CATALOGUE = HOUSE / "services" / "locale" / "nb" / "LC_MESSAGES" / "invito.po"
# The functions that take a message to be translated, and the names that such messages are kept under.
TRANSLATING = {"user_error", "_refuse", "_invalid"}
KEPT_AS = re.compile(r"message|_MESSAGES|_WHY_\w+")


def test_every_message_has_norwegian_words() -> None:
    with CATALOGUE.open("rb") as file:
        translated = {message.id for message in read_po(file) if message.id and message.string}

    assert set(messages()) == translated


def test_norwegian_words_have_the_same_places_to_fill() -> None:
    with CATALOGUE.open("rb") as file:
        pairs = [(str(message.id), str(message.string)) for message in read_po(file) if message.id]

    assert [pair for pair in pairs if places(pair[0]) != places(pair[1])] == []


def test_a_message_is_said_in_the_language_asked_for() -> None:
    assert translate("A follow-up needs a title.", Language.NB) == "En oppfølging trenger en tittel."
    assert translate("A follow-up needs a title.", Language.EN) == "A follow-up needs a title."


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.8", Language.NB),
        ("de, no;q=0.5", Language.NB),
        ("en-GB;q=0.9, nn;q=0.4", Language.EN),
        ("en;q=0, nb;q=0.1", Language.NB),
        ("nb;q=nonsense, fr", Language.EN),
        (None, Language.EN),
    ],
)
def test_the_first_language_of_the_header_that_there_is_counts(header: str | None, language: Language) -> None:
    assert language_of(header, Language.EN) is language


def places(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def messages() -> Iterator[str]:
    """All texts in the code that are translated, but for those that are nothing but a place to fill."""
    files = [
        HOUSE / "answer_page.py",
        HOUSE / "asked.py",
        HOUSE / "plugins" / "failures.py",
        *(HOUSE / "documents").rglob("*.py"),
        *(HOUSE / "services").rglob("*.py"),
        *(HOUSE / "schema").rglob("*.py"),
    ]
    for file in files:
        if "importing" not in file.relative_to(HOUSE).parts:
            yield from (text for text in messages_of(ast.parse(file.read_text())) if places(text) != {"problem"})
    for template in (HOUSE / "services").rglob("templates/*"):
        parsed = Environment(autoescape=True).parse(template.read_text())
        calls = (call for call in parsed.find_all(Call) if isinstance(call.node, Name) and call.node.name == "t")
        yield from (call.args[0].as_const() for call in calls)


def messages_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) == "translate":
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))
        elif isinstance(node, ast.Call) and called(node) in TRANSLATING:
            yield from (text for argument in node.args for text in texts_in(argument))
        elif isinstance(node, ast.Assign) and KEPT_AS.fullmatch(getattr(node.targets[0], "id", "")):
            yield from texts_in(node.value)


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def texts_in(node: ast.expr) -> Iterator[str]:
    """Sentences: what has a blank in it; paths and codes have none."""
    if isinstance(node, ast.Call):
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value:
            yield part.value
