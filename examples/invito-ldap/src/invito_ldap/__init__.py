"""People and groups from a directory (LDAP), in place of Invito's own employees."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route

from invito.plugins import PluginContext, Source, hookimpl
from invito_ldap.health import Health
from invito_ldap.kept_people import KeptPeople
from invito_ldap.settings import LdapSettings
from invito_ldap.source import LdapPeople

settings_model = LdapSettings
_people = KeptPeople()


@hookimpl
def invito_participant_sources() -> Sequence[Source]:
    return [LdapPeople(_people)]


@hookimpl
async def invito_startup(context: PluginContext[LdapSettings]) -> None:
    await _people.open(context)


@hookimpl
async def invito_shutdown() -> None:
    await _people.close()


@hookimpl
def invito_asgi_routes() -> Sequence[BaseRoute]:
    return [Route("/health", Health(_people).answer)]
