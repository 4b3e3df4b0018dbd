"""Who has a calendar here."""

from invito.plugins.contract import ParticipantKind

# Persons outside have none (F9).
KINDS_WITH_A_CALENDAR = (ParticipantKind.EMPLOYEE, ParticipantKind.RESOURCE)
