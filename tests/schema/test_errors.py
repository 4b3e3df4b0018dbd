"""Whatever goes wrong has a code and a path, and nothing ever answers with a stack trace."""

import pytest
from structlog.testing import capture_logs

from invito.schema.ids import global_id
from tests.schema.conftest import ADMIN, OLA, STRANGER, Office

OPERATIONS = ["{ viewer { id } }", "{ __schema { queryType { name } } }", "{ nonsense }", "{ broken", "{ __typename }"]


@pytest.mark.parametrize("query", OPERATIONS)
async def test_without_a_caller_every_operation_is_unauthenticated(office: Office, query: str) -> None:
    error = await office.error(query, None)

    assert error["code"] == "UNAUTHENTICATED"
