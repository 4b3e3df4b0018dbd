"""An employee, as a follow-up keeps its owner."""

from typing import Self

import strawberry

from invito.schema.ids import global_id
from invito.schema.node import Node
from invito.services.employees import Employee as Known
from invito.services.follow_ups.values import Owner


@strawberry.type(
    description="An employee. Kept with the follow-up, so that it stays whole when the directory is down or gone."
)
class Employee(Node):
    reference: strawberry.ID = strawberry.field(description="Opaque; the same as the employee's as a participant.")
    name: str = strawberry.field(description="The employee's name.")
    email: str | None = strawberry.field(description="The employee's e-mail address.")
    groups: list[str] = strawberry.field(
        description="The names of the employee's user groups; the first one is the group that OWNER_GROUP means."
    )

    @classmethod
    def of(cls, employee: Known | Owner) -> Self:
        return cls(
            id=global_id("Employee", employee.reference),
            reference=strawberry.ID(employee.reference),
            name=employee.name,
            email=employee.email,
            groups=list(employee.groups),
        )
