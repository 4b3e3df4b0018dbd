"""What an operator set, and what it comes to for whoever owns something."""

import pytest

from invito.services.rules import Rules


@pytest.mark.parametrize(
    ("service", "has_mailbox", "can_send"),
    [("invito@nordlys.example", False, True), ("invito@nordlys.example", True, True), (None, True, True),
     (None, False, False)],
)  # fmt: skip
def test_mail_goes_out_by_the_services_mailbox_or_by_ones_own(
    service: str | None, has_mailbox: bool, can_send: bool
) -> None:
    assert Rules(mail_from=service).can_send(has_mailbox=has_mailbox) is can_send
