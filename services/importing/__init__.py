"""Taking people, resources, projects, selections and busy times in from files of other programs.

A bad row is reported with its line and reason, and the rest goes in; importing the same file again changes nothing.
"""

from invito.services.importing.calendar_files import ExpansionLimits
from invito.services.importing.calendars import find_calendar_owner, import_calendar
from invito.services.importing.collections import import_projects, import_selections
from invito.services.importing.people import import_people
from invito.services.importing.people_files import PersonRow, read_people
from invito.services.importing.reports import BadRow, ImportReport, Progress, UnreadableFile
from invito.services.importing.resources import import_resources

__all__ = [
    "BadRow",
    "ExpansionLimits",
    "ImportReport",
    "PersonRow",
    "Progress",
    "UnreadableFile",
    "find_calendar_owner",
    "import_calendar",
    "import_people",
    "import_projects",
    "import_resources",
    "import_selections",
    "read_people",
]
