"""The five built-in participant sources, each a plugin like any third party's."""

# In the order that Select from has without an administrator's say (F5).
BUILT_IN = (
    "invito.sources.employees",
    "invito.sources.company_person",
    "invito.sources.project",
    "invito.sources.selection",
    "invito.sources.resource",
)
