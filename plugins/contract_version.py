"""Which version of the contract a plugin is written for, and which of them this Invito keeps."""

from invito.plugins.failures import PluginError

CONTRACT = 1
# An older one is kept for a year at least after the next came out; see docs/plugins/versions.md.
OLDEST_CONTRACT = 1


def check_contract(name: str, plugin: object) -> None:
    """A plugin says `contract = 1`; without a word it is written for the first.

    :raises PluginError: this Invito does not keep that version.
    """
    said = getattr(plugin, "contract", 1)
    if not isinstance(said, int) or isinstance(said, bool):
        raise PluginError(f"Plugin {name}: contract should be the number of a version, such as {CONTRACT}.")
    if said > CONTRACT:
        raise PluginError(
            f"Plugin {name} is written for version {said} of the contract, and this Invito knows {CONTRACT}: install a "
            "newer Invito, or an older version of the plugin."
        )
    if said < OLDEST_CONTRACT:
        raise PluginError(
            f"Plugin {name} is written for version {said} of the contract, and this Invito keeps those from "
            f"{OLDEST_CONTRACT} on: install a newer version of the plugin."
        )
