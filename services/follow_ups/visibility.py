"""Who sees and does what (FEATURES.md): one rule for reading, as SQL, and what owners and invitees may see besides."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, false, literal, or_, select, union
from sqlalchemy.orm import aliased

from invito.services.caller import Caller
from invito.services.follow_ups.values import FollowUp, Participant, Visibility
from invito.services.storage.follow_up_tables import FollowUpRow, OwnerRow, ParticipantRow, ReferenceRow

# Under names of their own, since the statements around them read the same tables.
_INVITEE = aliased(ParticipantRow)
_THEIRS = aliased(FollowUpRow)
_OWN = aliased(ReferenceRow)
_NAMED = aliased(ReferenceRow)


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """The condition on a follow-up, joined with its owner, under which the caller sees it.

    It reads the reference rows each time, since a caller's first invitation may come while a subscription is open.
    """
    if caller.employee is None:
        return false()
    own = own_references(caller)
    return or_(
        FollowUpRow.visibility == Visibility.ALL,
        FollowUpRow.owner_reference_id.in_(own),
        and_(
            FollowUpRow.visibility == Visibility.OWNER_GROUP,
            OwnerRow.first_group.in_(caller.employee.group_keys),
        ),
        exists()
        .where(
            _INVITEE.follow_up_id == FollowUpRow.id,
            _INVITEE.reference_id.in_(own),
            _INVITEE.removed_at.is_(None),
        )
        .correlate_except(_INVITEE),
    )


def ways_to_see(caller: Caller) -> Sequence[ColumnElement[bool]]:
    """The same rule in conditions of which one holds of each follow-up that the caller may see, and no more than one.

    Each is found without looking at what the caller may not see: what everybody sees on ix_follow_up_all_start and
    ix_follow_up_all_updated, the rest on ix_follow_up_owner and ix_participant_inbox.
    """
    if caller.employee is None:
        return [false()]
    # Spelt out in the statement, since the indexes are of these rows alone.
    everybodys = literal(Visibility.ALL, FollowUpRow.visibility.type, literal_execute=True)
    own = own_references(caller)
    theirs = select(_THEIRS.id).where(_THEIRS.owner_reference_id.in_(own))
    colleagues = select(OwnerRow.reference_id).where(OwnerRow.first_group.in_(caller.employee.group_keys))
    of_group = select(_THEIRS.id).where(
        _THEIRS.visibility == Visibility.OWNER_GROUP,
        _THEIRS.owner_reference_id.in_(colleagues.correlate(None)),
    )
    invited = select(_INVITEE.follow_up_id).where(_INVITEE.reference_id.in_(own), _INVITEE.removed_at.is_(None))
    return [
        FollowUpRow.visibility == everybodys,
        and_(FollowUpRow.visibility != everybodys, FollowUpRow.id.in_(union(theirs, of_group, invited))),
    ]


def own_references(caller: Caller) -> ScalarSelect[int]:
    """The numbers of all that the caller is known by, as a subquery."""
    identities = select(_NAMED.identity_id).where(_NAMED.text.in_(caller.references)).correlate(None)
    return select(_OWN.id).where(_OWN.identity_id.in_(identities)).correlate(None).scalar_subquery()


def owns(caller: Caller, follow_up: FollowUp) -> bool:
    return follow_up.owner.reference in caller.references


def may_edit(caller: Caller, follow_up: FollowUp) -> bool:
    """The owner alone, as long as it is not cancelled (F2)."""
    return owns(caller, follow_up) and not follow_up.is_cancelled


def is_caller(caller: Caller, participant: Participant) -> bool:
    return participant.reference in caller.references


def may_see_private(caller: Caller, follow_up: FollowUp, participant: Participant) -> bool:
    """Reasons for declining and delivery errors: the owner sees all, an invitee their own."""
    return owns(caller, follow_up) or is_caller(caller, participant)
