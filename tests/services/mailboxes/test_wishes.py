"""What of a mailbox as it was typed can be one at all; what its servers say to it is in test_checking."""

from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

import pytest

from invito.services.errors import Refusal, UserErrorCode
from invito.services.mailboxes import servers, wishes
from invito.services.mailboxes.wishes import MailboxWish, read_wish

WISH = MailboxWish("kari@office.example", "smtps://mail.example", "imaps://mail.example", "kari", "secret")


@pytest.mark.parametrize("name", ["smtp_url", "imap_url"])
def test_a_url_longer_than_it_may_be_is_refused_before_it_is_taken_apart(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_apart: list[str] = []

    def splitting(url: str) -> SplitResult:
        taken_apart.append(url)
        return urlsplit(url)

    monkeypatch.setattr(servers, "urlsplit", splitting)
    monkeypatch.setattr(wishes, "urlsplit", splitting)
    url = f"{name[:4]}s://mail" + "\u0315" * 500 + "\u0300" * 500 + ".example"

    with pytest.raises(Refusal) as refused:
        read_wish(replace(WISH, **{name: url}), ())

    assert [(one.code, one.path) for one in refused.value.errors] == [(UserErrorCode.INVALID_INPUT, (name,))]
    assert url not in taken_apart


def test_an_address_that_is_none_is_repeated_in_part_alone() -> None:
    with pytest.raises(Refusal) as refused:
        read_wish(replace(WISH, address="x" * 100_000), ())

    assert [(one.code, one.path) for one in refused.value.errors] == [(UserErrorCode.INVALID_EMAIL, ("address",))]
    assert len(refused.value.errors[0].message) < 300
