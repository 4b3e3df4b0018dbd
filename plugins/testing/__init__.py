"""The kit that tells a plugin author whether a source is right: some forty checks, each of one promise of the contract.

    class TestHotel(SourceContract):
        source = Hotel()

Only pytest is needed besides Invito (`pip install invito[testing]`), and only by whoever runs the tests.
"""

from invito.plugins.testing.facts import Broken, Facts, NotChecked
from invito.plugins.testing.report import Finding, Verdict, findings
from invito.plugins.testing.source_contract import SourceContract
from invito.plugins.testing.trial import Trial

__all__ = ["Broken", "Facts", "Finding", "NotChecked", "SourceContract", "Trial", "Verdict", "findings"]
