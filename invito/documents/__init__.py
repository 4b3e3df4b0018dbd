"""Documents that clients name in place of sending them: those that are trusted, or those that were sent once."""

from pathlib import Path

from strawberry import Schema

from invito.documents.automatic_documents import AutomaticDocuments
from invito.documents.naming import Documents
from invito.documents.trusted_documents import TrustedDocuments, UntrustedManifest
from invito.operation_limits import operation_limits_of
from invito.settings import Settings

__all__ = ["AutomaticDocuments", "Documents", "TrustedDocuments", "UntrustedManifest", "documents_of"]


def documents_of(settings: Settings, schema: Schema) -> Documents:
    """The trusted documents where the settings have them, and any document else.

    :raises UntrustedManifest: those of the settings cannot be used.
    """
    if settings.trusted_documents is None:
        return AutomaticDocuments(schema._schema, operation_limits_of(settings))
    folder = Path(settings.trusted_documents)
    return TrustedDocuments.of_folder(folder, schema._schema, operation_limits_of(settings))
