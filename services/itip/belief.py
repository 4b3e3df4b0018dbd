"""Whether a mail is believed to come from the participant that it speaks for (ITIP.md, In, 5)."""

from invito.services.addresses import address_key
from invito.services.itip.authentication import says_fail
from invito.services.itip.known import Arrival, KnownFollowUp, KnownParticipant, Trust, domain_of
from invito.services.itip.reasons import Reason, Why, why
from invito.services.itip.understood import UnderstoodMail


def doubt(
    mail: UnderstoodMail, participant: KnownParticipant, follow_up: KnownFollowUp, arrival: Arrival, trust: Trust
) -> Why | None:
    """Why it is not believed; None where it is. Only From counts: Sender, Reply-To and SENT-BY anyone can choose.

    Every invitee of the follow-up holds its tag, so it alone proves too little.
    """
    sender = mail.sender
    if sender is None:
        if mail.from_addresses:
            return why(Reason.SEVERAL_SENDERS, senders=", ".join(mail.from_addresses)[:300])
        return why(Reason.SENDER_UNREADABLE)
    if address_key(sender) in participant.keys:
        if not arrival.has_tag and says_fail(
            mail.authentication_results, trust.authentication_servers, domain_of(sender)
        ):
            return why(Reason.AUTHENTICATION_FAILED, sender=sender)
        return None
    if _is_somebody_else(sender, follow_up, arrival):
        return why(Reason.SENDER_IS_SOMEBODY_ELSE, sender=sender)
    domain = domain_of(sender)
    if arrival.has_tag and domain in participant.domains and domain not in trust.public_providers:
        return None
    return why(Reason.SENDER_IS_A_STRANGER, sender=sender)


def _is_somebody_else(sender: str, follow_up: KnownFollowUp, arrival: Arrival) -> bool:
    return follow_up.participant_of(sender) is not None or address_key(sender) in {
        address_key(one) for one in arrival.addresses_known_here
    }
