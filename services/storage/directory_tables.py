"""What Invito keeps of people and things: entries, which can be invited, and the containers that list them."""

from datetime import datetime
from enum import Enum

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from invito.plugins.contract import Language
from invito.services.storage.columns import Base, Id, Key, UtcInstant, enum_column


class EntryKind(Enum):
    """What an entry is; the lower-case name is the directory of its reference (`person:42`)."""

    EMPLOYEE = "employee"
    PERSON = "person"
    COMPANY = "company"
    RESOURCE = "resource"


class ContainerTableKind(Enum):
    """What a kept container is. Companies and persons are containers too, but are kept as entries."""

    USER_GROUP = "user_group"
    PROJECT = "project"
    SELECTION = "selection"
    RESOURCE_GROUP = "resource_group"


class ResourceType(Enum):
    """F13."""

    LOCATION = "LOCATION"
    OTHER = "OTHER"


class EntryRow(Base):
    """An employee, person, company or resource. `organization_id` is a person's company."""

    __tablename__ = "directory_entry"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[EntryKind] = mapped_column(enum_column(EntryKind))
    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(Key)
    name_words: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(320))
    email_key: Mapped[str | None] = mapped_column(String(320))
    title: Mapped[str | None] = mapped_column(String(300))
    title_words: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("directory_entry.id"))
    resource_type: Mapped[ResourceType | None] = mapped_column(enum_column(ResourceType))
    address: Mapped[str | None] = mapped_column(Text)
    capacity: Mapped[int | None] = mapped_column(Integer)
    language: Mapped[Language | None] = mapped_column(enum_column(Language))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    # What an import knows the entry by, so that a second import of the same file changes nothing.
    import_key: Mapped[str | None] = mapped_column(String(500), unique=True)

    __table_args__ = (
        Index("ix_directory_entry_order", "kind", "name_key", "id"),
        Index("ix_directory_entry_email", "email_key"),
        Index("ix_directory_entry_organization", "organization_id", "name_key", "id"),
    )


class ContainerRow(Base):
    """A user group, project, selection or resource group. `saved_search` is a selection's that is run anew (F12)."""

    __tablename__ = "directory_container"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[ContainerTableKind] = mapped_column(enum_column(ContainerTableKind))
    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(Key)
    name_words: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    saved_search: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    import_key: Mapped[str | None] = mapped_column(String(500), unique=True)

    __table_args__ = (Index("ix_directory_container_order", "kind", "name_key", "id"),)


class MemberRow(Base):
    """An entry in a container. `position` orders an employee's groups: 0 is *the* group (visibility OWNER_GROUP)."""

    __tablename__ = "directory_member"

    container_id: Mapped[int] = mapped_column(
        ForeignKey("directory_container.id", ondelete="CASCADE"), primary_key=True
    )
    entry_id: Mapped[int] = mapped_column(ForeignKey("directory_entry.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (Index("ix_directory_member_entry", "entry_id", "position"),)


class UnavailableEntryRow(Base):
    """A reference, of any source, that an administrator set as not available as a participant (F7)."""

    __tablename__ = "unavailable_entry"

    reference: Mapped[str] = mapped_column(String(500), primary_key=True)


class SourceSettingRow(Base):
    """What an administrator set for a participant source: on or off, and its place under Select from."""

    __tablename__ = "source_setting"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    is_enabled: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[int | None] = mapped_column(Integer)


class ImportedCalendarRow(Base):
    """When the busy times of an entry were last imported from a file, and the digest of what it held."""

    __tablename__ = "imported_calendar"

    reference: Mapped[str] = mapped_column(String(500), primary_key=True)
    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UtcInstant)


class ImportedEventRow(Base):
    """An event of an imported calendar, by a digest of its UID and RECURRENCE-ID, and the digest of what it said."""

    __tablename__ = "imported_event"

    reference: Mapped[str] = mapped_column(String(500), primary_key=True)
    calendar: Mapped[str] = mapped_column(String(300), primary_key=True)
    event: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
