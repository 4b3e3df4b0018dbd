"""The narrow read interface to the people, companies, projects, selections and resources that Invito itself keeps.

Public, and versioned with the plugin contract: a source of anybody's reads here what the built-in ones do, and gets
the contract's own values. `invito.services.directory.writing` is how imports and demo data fill it.
"""

from invito.services.directory.directory import Directory

__all__ = ["Directory"]
