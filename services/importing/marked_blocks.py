"""The blocks between BEGIN and END in a file of vCards or of a calendar, with the lines where they begin."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from invito.services.importing.text_files import lines_of


@dataclass(frozen=True, slots=True)
class Block:
    """`line` is that of BEGIN, or of an END without one (`has_begin`); its lines are still folded."""

    name: str
    line: int
    lines: list[str]
    has_begin: bool = True
    has_end: bool = True


def blocks_of(text: str, names: Collection[str]) -> Iterator[Block]:
    """The blocks of these names in the file's order, not one in another; other blocks are lines of theirs."""
    begin, name, lines = 0, "", list[str]()
    for number, line in enumerate(lines_of(text), start=1):
        # A line that begins with a blank goes on the one before it, so it marks nothing.
        mark, _, of = line.rstrip().upper().partition(":")
        is_mark = of in names
        if mark == "BEGIN" and is_mark:
            if begin:
                yield Block(name, begin, lines, has_end=False)
            begin, name, lines = number, of, []
        if begin:
            lines.append(line)
        if mark == "END" and is_mark:
            if of == name and begin:
                yield Block(name, begin, lines)
                begin = 0
            elif not begin:
                yield Block(of, number, [], has_begin=False)
    if begin:
        yield Block(name, begin, lines, has_end=False)
