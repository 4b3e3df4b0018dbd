"""The plugins that run here."""

import strawberry

from invito.schema.connections import After, Connection, First
from invito.schema.fields import resolved
from invito.schema.operation import Info
from invito.schema.plugin import Plugin
from invito.services.known_plugins import plugin_page


@strawberry.type
class PluginQueries:
    @resolved(description="The plugins that run here, by name: for administrators.")
    def plugins(self, info: Info, first: First = 50, after: After = strawberry.UNSET) -> Connection[Plugin]:
        page = plugin_page(info.context.house, info.context.caller, info.context.page_ask(first, after, 50))
        return Connection.of(page, Plugin.of)
