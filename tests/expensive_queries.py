"""Documents that are short to send and long to read, to look at or to carry out, each as much of it as is wanted."""


def fields(number: int) -> str:
    return "{ " + "recorded " * number + "}"


def directives(number: int) -> str:
    """At a place of its own each: a directive stands once at a place."""
    return "{ recorded viewer { " + "id @include(if: true) " * number + "} }"


def directives_at_a_place(number: int) -> str:
    return "{ recorded " + "@include(if: true) " * number + "}"


def aliases(number: int) -> str:
    return "{ " + " ".join(f"a{one}: recorded" for one in range(number)) + " }"


def doubled(number: int) -> str:
    """Fragments of which each spreads the next twice, down to a field that costs one."""
    chain = (f"fragment F{one} on Query {{ ...F{one + 1} ...F{one + 1} }}" for one in range(number))
    return f"{{ ...F0 }} {' '.join(chain)} fragment F{number} on Query {{ recorded }}"


def selections(number: int) -> str:
    """Fields so deep: a follow-up leads to its participants, and back."""
    path = ["followUps(first: 1)", "nodes", *["participants(first: 1)", "nodes", "followUp"] * number][: number - 1]
    return "{ recorded " + " { ".join([*path, "__typename"]) + " }" * number


def inline(number: int) -> str:
    return "{ " + "... { " * (number - 1) + "recorded " + "} " * number


def lists(number: int) -> str:
    return "{ recorded(value: " + "[" * number + "]" * number + ") }"


def objects(number: int) -> str:
    return "{ recorded(value: " + "{a: " * number + "1" + "}" * number + ") }"


def ring(number: int) -> str:
    """Fragments of which each spreads the next, and the last the first."""
    links = (f"fragment F{one} on Query {{ ...F{(one + 1) % number} }}" for one in range(number))
    return f"{{ recorded ...F0 }} {' '.join(links)}"


def fields_in_fragments(number: int) -> str:
    """Ten in each, all of which stand at one place."""
    fragments = (f"fragment F{one} on Query {{ {'recorded ' * 10}}}" for one in range(number // 10))
    return "{ " + " ".join(f"...F{one}" for one in range(number // 10)) + " } " + " ".join(fragments)


def blank_lines(characters: int) -> str:
    text = "{ recorded }"
    return "\n" * (characters - len(text)) + text


def written_ids(number: int) -> str:
    return f"{{ recorded nodes(ids: [{'1 ' * number}]) {{ id }} }}"


def default_ids(number: int) -> str:
    return f"query ($ids: [ID!]! = [{'1 ' * number}]) {{ recorded nodes(ids: $ids) {{ id }} }}"


def wrong_names(lines: int) -> str:
    """A hundred, below so many blank lines: each is told with its line, and with names that are alike."""
    return "\n" * lines + "{ recorded " + " ".join(f"availableParticipant{one}" for one in range(100)) + " }"


def circle_of_the_schema(number: int) -> str:
    """Types that lead to their fields, and fields that lead to their types."""
    return '{ __type(name: "Query") { ' + "fields { type { " * number + "name" + " } }" * number + " } }"


def operations(number: int) -> str:
    """Each of them reaches all of forty fragments."""
    queries = (f"query Q{one} {{ ...F0 }}" for one in range(number))
    chain = (f"fragment F{one} on Query {{ ...F{one + 1} }}" for one in range(40))
    return " ".join([*queries, *chain, "fragment F40 on Query { recorded }"])
