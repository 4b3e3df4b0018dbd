"""What a notification says, in the reader's language (F33)."""

from invito.plugins.contract import Language
from invito.services.language import calendar_day, clock_time, translate
from invito.services.notifications.values import Notification, NotificationKind

_MESSAGES = {
    NotificationKind.INVITED: "{actor} invites you to “{title}”, {time}.",
    NotificationKind.CHANGED: "{actor} changed time or place of “{title}”, now {time}.",
    NotificationKind.CANCELLED: "{actor} cancelled “{title}”, {time}.",
    NotificationKind.REMOVED: "{actor} took you out of “{title}”, {time}.",
    NotificationKind.ACCEPTED: "{actor} accepted “{title}”, {time}.",
    NotificationKind.TENTATIVE: "{actor} tentatively accepted “{title}”, {time}.",
    NotificationKind.DECLINED: "{actor} declined “{title}”, {time}.",
    NotificationKind.PROPOSED_TIME: "{actor} proposes another time for “{title}”, {time}.",
    NotificationKind.EMAIL_FAILED: "The mail to {actor} about “{title}”, {time}, could not be delivered.",
    NotificationKind.UNVERIFIED_ANSWER: "An answer to “{title}”, {time}, came from {actor}: nobody vouches for it.",
    NotificationKind.OUTDATED_ANSWER: "{actor} answered an earlier version of “{title}”, {time}.",
    NotificationKind.UNINVITED_ANSWER: "{actor} answered “{title}”, {time}, without being invited.",
}


def message_of(notification: Notification, language: Language, time_zone: str) -> str:
    """One sentence, and the comment or reason where there is one; times as clocks of the reader's zone show them."""
    sentence = translate(_MESSAGES[notification.kind], language).format(
        actor=notification.actor,
        title=notification.title,
        time=_time_of(notification, language, time_zone),
    )
    return f"{sentence} {notification.comment}" if notification.comment else sentence


def _time_of(notification: Notification, language: Language, time_zone: str) -> str:
    if notification.is_all_day:
        return calendar_day(notification.start, notification.time_zone, language)
    return clock_time(notification.start, time_zone, language)
