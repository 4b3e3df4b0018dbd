"""A company with contacts and users, on each kind of database in turn."""

from collections.abc import Iterator

import pytest

from tests.company_database import KINDS, Company, company_on


@pytest.fixture(scope="module", params=KINDS)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with company_on(request.param, tmp_path_factory.mktemp("company")) as there:
        yield there
