"""The schema keeps its contract: nothing is missing, renamed or of another type, and everything is described."""

from pathlib import Path

import pytest
from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    IntValueNode,
    Node,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    parse,
    print_ast,
)

from invito.schema import build_schema

# Members of the newest step come one after the other, each as the contract has it.
_STEP, _NEWEST_STEP = 4, 4


@pytest.fixture
def contract(shared: Path) -> DocumentNode:
    return parse((shared / "design" / "schema.graphql").read_text(encoding="utf-8"))


def test_nothing_of_the_contract_is_missing_renamed_or_of_another_type(contract: DocumentNode) -> None:
    wanted = _members(contract)

    ours = _members(parse(build_schema().as_str()))

    assert {name: ours.get(name) for name in wanted} == wanted


def test_what_is_there_of_the_newest_step_is_as_the_contract_has_it(contract: DocumentNode) -> None:
    wanted = _members(contract, up_to=_NEWEST_STEP)

    ours = _members(parse(build_schema().as_str()))

    assert {name: kept for name, kept in ours.items() if name in wanted} == {
        name: kept for name, kept in wanted.items() if name in ours
    }


def test_what_belongs_to_later_steps_is_absent(contract: DocumentNode) -> None:
    later = set(_members(contract, up_to=99)) - set(_members(contract, up_to=_NEWEST_STEP))

    ours = _members(parse(build_schema().as_str()))

    assert later.isdisjoint(ours)


def test_everything_is_described() -> None:
    ours = parse(build_schema().as_str())

    undescribed = [name for name, node in _nodes(ours, up_to=99).items() if getattr(node, "description", None) is None]

    assert undescribed == []


def _members(document: DocumentNode, up_to: int = _STEP) -> dict[str, str]:
    """Every type, field, argument and value by its full name, with what a client depends on."""
    return {name: _kept(node) for name, node in _nodes(document, up_to).items()}


def _nodes(document: DocumentNode, up_to: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for type_ in document.definitions:
        if isinstance(type_, TypeDefinitionNode) and _step(type_) <= up_to:
            found[type_.name.value] = type_
            for member in _parts(type_, up_to):
                name = f"{type_.name.value}.{member.name.value}"
                found[name] = member
                found |= {f"{name}({one.name.value})": one for one in getattr(member, "arguments", None) or ()}
    return found


def _parts(type_: TypeDefinitionNode, up_to: int) -> list[FieldDefinitionNode | InputValueDefinitionNode]:
    members = getattr(type_, "values" if isinstance(type_, EnumTypeDefinitionNode) else "fields", None) or ()
    return [member for member in members if _step(member) <= up_to]


def _step(node: Node) -> int:
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value == "step":
            return _number(directive)
    return 1


def _number(directive: DirectiveNode) -> int:
    (argument,) = directive.arguments or ()
    value = argument.value
    assert isinstance(value, IntValueNode)
    return int(value.value)


def _kept(node: Node) -> str:
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return f"{node.kind} {sorted(one.name.value for one in node.interfaces or ())}"
    if isinstance(node, InputObjectTypeDefinitionNode):
        return f"{node.kind} {any(one.name.value == 'oneOf' for one in node.directives or ())}"
    if isinstance(node, FieldDefinitionNode):
        return print_ast(node.type)
    if isinstance(node, InputValueDefinitionNode):
        default = "" if node.default_value is None else f" = {print_ast(node.default_value)}"
        return print_ast(node.type) + default
    return node.kind
