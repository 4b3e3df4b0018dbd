"""Which values of an operation do not fit their types: where each stands, and what is wanted there.

The library tells it in words alone, those of Python, and not at all where for a type of which one field is wanted. Like
all that is said of a document it is for developers, and in English.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    ListValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_operation_ast,
    is_input_type,
    is_non_null_type,
    type_from_ast,
    visit,
)
from strawberry.types import ExecutionContext

from invito.schema.wrong_values import Path, WrongValue, wrong_values
from invito.services.errors import UserErrorCode

_MOST_TOLD = 50


def told_of_inputs(
    errors: list[GraphQLError], context: ExecutionContext, *, explores: bool = True
) -> list[GraphQLError]:
    """The errors, with those about values that do not fit told anew: with code, path from the argument on, and place.

    :param errors: all that was found before anything was executed, or what execution found.
    :param explores: whether the names that the schema has instead are told.
    """
    document = context.graphql_document
    if document is None or not any(map(_is_of_the_request, errors)):
        return errors
    schema = context.schema._schema
    arguments = _Arguments()
    types = TypeInfo(schema)
    visit(document, TypeInfoVisitor(types, _ArgumentVisitor(types, arguments)))
    # The values of variables are looked at only where all that is written in the document fits.
    wrong = arguments.wrong or [
        *islice(_wrong_variables(schema, document, context, arguments.of_variables), _MOST_TOLD)
    ]
    if not wrong:
        return errors
    about_values = _is_about_a_written_value if arguments.wrong else _is_about_a_variable
    others = [error for error in errors if not (_is_of_the_request(error) and about_values(error))]
    return [*others, *(_told(one, explores=explores) for one in wrong)]


def _is_of_the_request(error: GraphQLError) -> bool:
    """Whether it was found before anything was executed, and by the library."""
    if "code" in (error.extensions or {}):
        return False
    return error.path is None and (error.original_error is None or isinstance(error.original_error, GraphQLError))


def _is_about_a_written_value(error: GraphQLError) -> bool:
    if not error.nodes:
        return True
    return isinstance(error.nodes[0], ValueNode | ObjectFieldNode) and not isinstance(error.nodes[0], VariableNode)


def _is_about_a_variable(error: GraphQLError) -> bool:
    # The library names no place where one field of several is wanted.
    return not error.nodes or isinstance(error.nodes[0], VariableDefinitionNode)


def _told(wrong: WrongValue, *, explores: bool) -> GraphQLError:
    first, *rest = wrong.path
    where = first + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in rest)
    extensions = {"code": UserErrorCode.INVALID_INPUT.value, "path": list(wrong.path)}
    message = wrong.message if explores or wrong.nameless is None else wrong.nameless
    return GraphQLError(f"{where}: {message}", wrong.node, extensions=extensions)


@dataclass(slots=True)
class _Arguments:
    """What is wrong with those that a document has, and the first path that each of its variables stands at."""

    wrong: list[WrongValue] = field(default_factory=list)
    of_variables: dict[str, Path] = field(default_factory=dict)


class _ArgumentVisitor(Visitor):
    def __init__(self, types: TypeInfo, arguments: _Arguments) -> None:
        super().__init__()
        self._types = types
        self._arguments = arguments

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        argument = self._types.get_argument()
        if argument is None:
            return
        path = (node.name.value,)
        found = wrong_values(node.value, argument.type, path, node)
        self._arguments.wrong.extend(islice(found, _MOST_TOLD - len(self._arguments.wrong)))
        for variable, place in _variables(node.value, path):
            self._arguments.of_variables.setdefault(variable, place)


def _variables(node: ValueNode, path: Path) -> Iterator[tuple[str, Path]]:
    if isinstance(node, VariableNode):
        yield node.name.value, path
    elif isinstance(node, ListValueNode):
        for index, one in enumerate(node.values):
            yield from _variables(one, (*path, str(index)))
    elif isinstance(node, ObjectValueNode):
        for of_name in node.fields:
            yield from _variables(of_name.value, (*path, of_name.name.value))


def _wrong_variables(
    schema: GraphQLSchema, document: DocumentNode, context: ExecutionContext, places: Mapping[str, Path]
) -> Iterator[WrongValue]:
    operation = get_operation_ast(document, context._provided_operation_name)
    values = context.variables or {}
    for definition in () if operation is None else operation.variable_definitions or ():
        name = definition.variable.name.value
        type_ = type_from_ast(schema, definition.type)
        if name not in places or not is_input_type(type_):
            continue
        if name in values:
            yield from wrong_values(values[name], type_, places[name], definition)
        elif definition.default_value is not None:
            yield from wrong_values(definition.default_value, type_, places[name], definition)
        elif is_non_null_type(type_):
            yield WrongValue(places[name], f"{type_} is wanted, and variable ${name} is not sent.", definition)
