"""Schemas, objects and operations made up by hypothesis: plain attributes among others, with mistakes in the values."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NewType

import strawberry
from hypothesis import strategies as st
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

Even = NewType("Even", int)
Anything = NewType("Anything", object)


@strawberry.enum
class Colour(enum.Enum):
    RED = "r"
    BLUE = strawberry.enum_value("b", name="NAVY")


def _even(value: object) -> object:
    if not isinstance(value, int) or value % 2:
        raise ValueError("an even number is wanted")
    return None if value == 4 else value


CONFIG = StrawberryConfig(
    scalar_map={
        Even: strawberry.scalar(name="Even", serialize=_even),
        Anything: strawberry.scalar(name="Anything", serialize=lambda value: value),
    }
)


class Later:
    """Awaited anew by each who meets it."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __await__(self) -> Generator[None, None, object]:
        yield
        return self.value


@dataclass(frozen=True, repr=False)
class Kind:
    """A type of a field, values of it, and how a selection beneath it begins."""

    annotation: Any
    values: st.SearchStrategy[Any]
    objects: tuple[Made, ...] = ()


@dataclass(frozen=True, repr=False)
class Made:
    """A type that was made up: its fields by their name, and how each is resolved."""

    type_: type
    fields: dict[str, Kind]
    objects: st.SearchStrategy[Any]


_LEAVES = [
    Kind(str, st.sampled_from(["", "Kari", "øl"])),
    Kind(strawberry.ID, st.sampled_from(["1", 2])),
    Kind(int, st.integers(-5, 5) | st.just(2**40)),
    Kind(float, st.sampled_from([0.5, 1, float("nan")])),
    Kind(bool, st.booleans()),
    Kind(Colour, st.sampled_from(Colour)),
    Kind(datetime, st.just(datetime(2026, 6, 1, tzinfo=UTC))),
    Kind(Even, st.integers(0, 5)),
    Kind(Anything, st.sampled_from([1, "a", [1, {"b": None}], object])),
]
_WRONG = st.sampled_from([None, 7, "r", ValueError("wrong"), Later("late"), Later(None), {}, [None], object()])
_HOW = ["plain", "plain", "plain", "resolver", "later", "forbidden", "changed"]


class Nobody(BasePermission):
    """May see the field."""

    message = "nobody may see it"

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        return False


class Changed(FieldExtension):
    """Says nothing in place of the value."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **kwargs: Any) -> Any:
        return None


# Those that are read from the object, and what is declared of them.
_ATTRIBUTES: dict[str, Callable[[], Any]] = {
    "plain": strawberry.field,
    "forbidden": lambda: strawberry.field(permission_classes=[Nobody]),
    "changed": lambda: strawberry.field(extensions=[Changed()]),
}


@st.composite
def made_types(draw: st.DrawFn) -> list[Made]:
    """Types, each of which may have fields of those before it; the last is for the root."""
    interface = strawberry.interface(type("Named", (), {"__annotations__": {"name": str | None}}))
    made: list[Made] = []
    for number in range(draw(st.integers(1, 4))):
        kinds = draw(st.lists(_kinds(made), min_size=1, max_size=4))
        fields = {f"field{place}": kind for place, kind in enumerate(kinds)}
        hows = {name: draw(st.sampled_from(_HOW)) for name in fields}
        is_named = draw(st.booleans())
        type_ = strawberry.type(
            type(
                f"Type{number}",
                (interface,) if is_named else (),
                {"__annotations__": {name: fields[name].annotation for name in fields if hows[name] in _ATTRIBUTES}}
                | {name: _field(name, kind, hows[name]) for name, kind in fields.items() if hows[name] != "plain"},
            )
        )
        known = {"name": Kind(str | None, st.none())} if is_named else {}
        made.append(Made(type_, known | fields, _objects(type_, known | fields)))
    return made


def _kinds(made: list[Made]) -> st.SearchStrategy[Kind]:
    objects = [Kind(one.type_, one.objects, (one,)) for one in made]
    unions = []
    if len(made) > 1:
        first, last = made[0], made[-1]
        union = Annotated[first.type_ | last.type_, strawberry.union(f"Union{len(made)}")]  # type: ignore[name-defined]
        unions = [Kind(union, first.objects | last.objects, (first, last))]
    simple = st.sampled_from([*objects * 3, *unions, *_LEAVES])
    return st.recursive(simple, lambda kind: kind.map(_many) | kind.map(_perhaps), max_leaves=3)


def _perhaps(kind: Kind) -> Kind:
    return Kind(kind.annotation | None, kind.values | st.none(), kind.objects)


def _many(kind: Kind) -> Kind:
    values = st.lists(kind.values, max_size=3)
    return Kind(list[kind.annotation], values | values.map(tuple), kind.objects)  # type: ignore[name-defined]


def _field(name: str, kind: Kind, how: str) -> Any:
    if how in _ATTRIBUTES:
        return _ATTRIBUTES[how]()

    def resolve(self: Any) -> Any:
        return self.__dict__[f"_{name}"]

    async def resolve_later(self: Any) -> Any:
        return self.__dict__[f"_{name}"]

    resolver: Callable[..., Any] = resolve if how == "resolver" else resolve_later
    resolver.__annotations__["return"] = kind.annotation
    return strawberry.field(resolver=resolver)


@st.composite
def _objects(draw: st.DrawFn, type_: type, fields: dict[str, Kind]) -> Any:
    made: Any = object.__new__(type_)
    for name, kind in fields.items():
        is_wrong = draw(st.integers(0, 24)) == 0
        value = draw(_WRONG if is_wrong else kind.values)
        made.__dict__ |= {name: value, f"_{name}": value}
    return made


@st.composite
def selections(draw: st.DrawFn, among: tuple[Made, ...], fragments: list[str]) -> str:
    """What is selected of objects that are one of these types, with the fragments that are named in it."""
    if len(among) > 1:
        parts = [f"... on {one.type_.__name__} {draw(selections((one,), fragments))}" for one in among]
        return f"{{ __typename {' '.join(parts)} }}"
    (made,) = among
    chosen = [name for name in made.fields if draw(st.integers(0, 3))]
    beneath = {name: draw(selections(kind.objects, fragments)) for name, kind in made.fields.items() if kind.objects}
    parts = [f"{_alias(draw, name)}{name} {_condition(draw)} {beneath.get(name, '')}" for name in chosen]
    parts += ["__typename"] * draw(st.integers(0, 1))
    text = f"{{ {' '.join(draw(st.permutations(parts)) or ['__typename'])} }}"
    how = draw(st.sampled_from(["as it is", "as it is", "inline", "fragment", "twice"]))
    if how == "inline":
        return f"{{ ... on {made.type_.__name__} {_condition(draw)} {text} }}"
    if how in ("fragment", "twice"):
        fragments.append(f"fragment F{len(fragments)} on {made.type_.__name__} {text}")
        spread = f"...F{len(fragments) - 1}"
        return f"{{ {spread} {_condition(draw)} {spread if how == 'twice' else ''} }}"
    return text


def _alias(draw: st.DrawFn, name: str) -> str:
    return draw(st.sampled_from(["", "", f"other_{name}: "]))


def _condition(draw: st.DrawFn) -> str:
    return draw(
        st.sampled_from(
            ["", "", "", "", "@include(if: $yes)", "@skip(if: $yes)", "@skip(if: $no)", "@include(if: true)"]
        )
    )
