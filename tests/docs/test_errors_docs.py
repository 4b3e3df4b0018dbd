"""docs/errors.md has a paragraph on each code, and on no other."""

import re
from itertools import chain
from pathlib import Path

from invito.answers import RequestCode
from invito.services.errors import UnanswerableCode, UserErrorCode

PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")


def test_each_code_has_a_paragraph_and_no_other() -> None:
    paragraphs = re.findall(r"^### (.+)\n\n[^\s#|].+", PAGE, re.MULTILINE)
    headings = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)

    codes = [code.value for code in chain(UserErrorCode, UnanswerableCode, RequestCode)]
    assert sorted(headings) == sorted(paragraphs) == sorted(codes)
