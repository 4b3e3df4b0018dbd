"""What has an id of its own."""

import strawberry


@strawberry.interface(description="What has an id, by which `node` finds it again.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, and unique over all types.")
