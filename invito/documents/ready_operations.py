"""Which of the trusted documents can be tried as they are."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import NonNullTypeNode, OperationDefinitionNode, OperationType, parse

from invito.documents.naming import SHA256_PREFIX
from invito.documents.trusted_documents import TrustedDocuments


@dataclass(frozen=True, slots=True)
class ReadyOperation:
    """The one operation of a document, which wants no variables; its name, where it has one."""

    name: str | None
    document_id: str


def ready_operations(documents: TrustedDocuments, type_: OperationType) -> Iterator[ReadyOperation]:
    """Those of this type, in the order of the manifests."""
    for sha256, text in documents.texts.items():
        operations = [one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode)]
        if len(operations) == 1 and operations[0].operation is type_ and not _wants_variables(operations[0]):
            name = operations[0].name
            yield ReadyOperation(None if name is None else name.value, f"{SHA256_PREFIX}{sha256}")


def _wants_variables(operation: OperationDefinitionNode) -> bool:
    return any(
        isinstance(one.type, NonNullTypeNode) and one.default_value is None
        for one in operation.variable_definitions or ()
    )
