"""The HTML of a mail is for programs that know little of it, and says no more than the plain text (F18)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import product
from typing import TYPE_CHECKING

import pytest

from invito.plugins.contract import Language
from invito.services.mail.letters import Letter, Occasion
from invito.services.mail.wording import html_of, plain_text_of
from tests.readers.test_mails import letter

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of what is not here some program takes something away: style sheets, classes, pictures, forms, scripts, divs.
ELEMENTS = {"html", "head", "meta", "title", "body", "table", "tr", "th", "td", "h1", "a", "br"}
ATTRIBUTES = {
    "lang", "charset", "name", "content", "style", "role", "scope", "dir", "href",
    "width", "height", "cellpadding", "cellspacing", "border", "bgcolor", "align", "valign", "colspan",
}  # fmt: skip
# Word, which shows mails in Outlook, knows these or does no harm without them; none moves anything about.
PROPERTIES = {
    "margin", "padding", "mso-padding-alt", "display", "width", "max-width", "border-left", "border-radius",
    "background-color", "color", "font-family", "font-size", "font-weight", "line-height", "text-align",
    "text-decoration", "white-space", "word-break",
}  # fmt: skip


@dataclass
class Page(HTMLParser):
    """What there is of elements, attributes and text."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts += [words] if (words := " ".join(data.split())) and "title" not in self.open else []

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def letters() -> Iterator[Letter]:
    for occasion, language, link in product(Occasion, Language, ("https://invito.example/answer/token", None)):
        yield replace(letter(occasion, language, "Nordmann & <Kari>"), answer_url=link)


def page_of(there: Letter) -> Page:
    page = Page()
    page.feed(html_of(there))
    page.close()
    assert page.open == []
    return page


@pytest.fixture(params=letters(), ids=lambda one: f"{one.occasion.value} {one.language.value} {bool(one.answer_url)}")
def there(request: pytest.FixtureRequest) -> Letter:
    found: Letter = request.param
    return found


def test_it_is_made_of_tables_and_styles_of_their_own_alone(there: Letter) -> None:
    page = page_of(there)

    styles = [attributes["style"] for _, attributes in page.elements if "style" in attributes]
    properties = {rule.partition(":")[0].strip() for style in styles for rule in style.split(";") if rule.strip()}
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    assert properties <= PROPERTIES


def test_it_fetches_nothing_and_leads_to_the_answer_page_alone(there: Letter) -> None:
    links = [one["href"] for one in page_of(there).all("a")]

    asks = there.answer_url is not None and there.occasion in (Occasion.INVITED, Occasion.CHANGED)
    answers = [f"{there.answer_url}?a={answer}" for answer in ("accept", "tentative", "decline")]
    assert links == (answers if asks else [])
    assert html_of(there).count("https:") == len(links)


def test_it_can_be_read_aloud(there: Letter) -> None:
    page = page_of(there)

    assert page.all("html") == [{"lang": there.language.value}]
    assert len(page.all("h1")) == 1
    # Tables that hold things in place are none to be read out; the one that says something has a head in each row.
    assert [one.get("role") for one in page.all("table")].count(None) == 1
    assert [one["scope"] for one in page.all("th")] == ["row"] * 4


def test_the_plain_text_says_all_that_the_html_says(there: Letter) -> None:
    text = " ".join(plain_text_of(there).split())

    assert [words for words in page_of(there).texts if words not in text] == []
    assert [one["href"] for one in page_of(there).all("a") if one["href"] not in text] == []
