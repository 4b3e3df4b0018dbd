"""The bus that pokes subscribers after a commit, here at once and in other replicas by a relay.

It may lose anything: the truth is the rows and their revisions, which subscribers read again when they are poked, and
every few seconds besides.
"""

from invito.services.changes.bus import ChangeBus
from invito.services.changes.topics import follow_up_topic, notification_topic

__all__ = ["ChangeBus", "follow_up_topic", "notification_topic"]
