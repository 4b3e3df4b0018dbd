"""Sources that keep every promise pass every check: plain ones, async ones, and the README's."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from invito.plugins import ContainerPage, ContainerQuery, Entry, EntryPage, EntryQuery, Source, SourceContext, Span
from invito.plugins.testing import Facts, SourceContract
from tests.plugins.testing.good_source import GoodSource, facts_of

README = Path(__file__).parents[3] / "README.md"


class AsyncSource(GoodSource):
    """The same, answering after a turn of the loop."""

    async def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:  # type: ignore[override]  # the contract lets both
        await asyncio.sleep(0)
        return super().containers(context, query)

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:  # type: ignore[override]  # the same
        await asyncio.sleep(0)
        return super().participants(context, query)

    async def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:  # type: ignore[override]  # the same
        await asyncio.sleep(0)
        return super().resolve(context, references)

    async def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:  # type: ignore[override]  # the same
        await asyncio.sleep(0)
        return super().find(context, addresses)

    async def busy(  # type: ignore[override]  # the same
        self, context: SourceContext, references: Sequence[str], span: Span
    ) -> Sequence[Sequence[Span] | None]:
        await asyncio.sleep(0)
        return super().busy(context, references, span)


class TestPlainSource(SourceContract):
    @pytest.fixture
    def invito_source(self) -> GoodSource:
        return GoodSource()

    @pytest.fixture
    def invito_facts(self, invito_source: GoodSource) -> Facts:
        return facts_of(invito_source)


class TestAsyncSource(TestPlainSource):
    @pytest.fixture
    def invito_source(self) -> AsyncSource:
        return AsyncSource()


class TestHotelOfTheReadme(SourceContract):
    @pytest.fixture
    def invito_source(self) -> Source:
        (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
        hotel: Any = ModuleType("hotel_of_the_readme")
        exec(code, hotel.__dict__)
        (source,) = hotel.invito_participant_sources()
        assert isinstance(source, Source)
        return source

    facts = Facts(reference="hotel:101")
