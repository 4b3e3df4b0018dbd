"""The ids by which rows are known inside, each a type of its own."""

from typing import NewType

FollowUpId = NewType("FollowUpId", int)
ParticipantId = NewType("ParticipantId", int)
# Of a reference such as `employee:7`, which is text outside.
ReferenceId = NewType("ReferenceId", int)
InboxId = NewType("InboxId", int)
