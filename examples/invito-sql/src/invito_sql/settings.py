"""What is set of this plugin: `INVITO_SQL_…`."""

from pydantic import BaseModel, Field, SecretStr

from invito_sql.sql_source import Bounds


class SqlSettings(BaseModel):
    file: str = Field(description="The file with the sources (TOML), or `espocrm` for the one that comes along.")
    url: str | None = Field(None, description="The database, in place of the file's `url`; without a password.")
    password: SecretStr | None = Field(None, description="The database user's password.")
    refresh_seconds: float = Field(60.0, gt=0, description="Every so many seconds the database is read anew.")
    keep_seconds: float = Field(3_600.0, gt=0, description="How long what was read is good for.")
    read_seconds: float = Field(60.0, gt=0, description="How long one query may take while the database is read.")
    most_rows: int = Field(200_000, gt=0, description="How many rows a query may give; one that gives more fails.")

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.most_rows, self.read_seconds, self.keep_seconds)
