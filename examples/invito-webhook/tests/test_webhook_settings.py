"""What may be set, and that what is secret is not shown where it is wrong or right."""

import json

import pytest
from invito_webhook import settings_model
from webhook_endpoints import SECRET

from invito.plugins.failures import PluginError
from invito.plugins.plugin_settings import read_plugin_settings
from invito.plugins.shown_settings import shown_settings

CRM: dict[str, object] = {"name": "crm", "url": "https://crm.example/hooks/canary-token", "secrets": [SECRET]}


def shown(monkeypatch: pytest.MonkeyPatch, *endpoints: dict[str, object], **values: str) -> str:
    monkeypatch.setenv("INVITO_WEBHOOK_ENDPOINTS", json.dumps(endpoints))
    for name, value in values.items():
        monkeypatch.setenv(f"INVITO_WEBHOOK_{name}", value)
    return str(list(shown_settings("webhook", read_plugin_settings("webhook", settings_model))))


def test_secrets_tokens_and_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, CRM, DATABASE_URL="postgresql://invito:canary-password@db.example/webhook")

    assert '"name": "crm", "url": "***", "secrets": ["***"]' in said
    assert "canary" not in said
    assert SECRET.removeprefix("whsec_") not in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"secrets": ["whsec_canary"]}, "`invito webhook secret` makes one"),
        ({"secrets": ["canary" * 8]}, "`invito webhook secret` makes one"),
        ({"secrets": ["whsec_" + "Y2FuYXJ5" * 12]}, "24 to 64 bytes"),
        ({"secrets": []}, 'ENDPOINTS, item 1, "secrets"'),
        ({"url": "http://crm.example/canary"}, 'which "private": true says it is; take https'),
        ({"url": "https://kari:canary@crm.example/"}, "a URL with a password is not taken"),
        ({"url": "ftp://crm.example/canary"}, 'ENDPOINTS, item 1, "url"'),
        ({"name": "Canary CRM"}, 'ENDPOINTS, item 1, "name"'),
        ({"events": ["canary.sung"]}, 'ENDPOINTS, item 1, "events"'),
        ({"event": "canary"}, 'ENDPOINTS, item 1, "event"'),
    ],
)
def test_what_is_wrong_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(PluginError) as refused:
        shown(monkeypatch, CRM | wrong)

    assert "INVITO_WEBHOOK_ENDPOINTS, item 1" in str(refused.value)
    assert said in str(refused.value)
    assert "canary" not in str(refused.value).lower()


def test_two_endpoints_have_two_names(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PluginError, match="two endpoints have one name"):
        shown(monkeypatch, CRM, CRM)


def test_a_database_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PluginError, match="INVITO_WEBHOOK_DATABASE_URL: take sqlite:///path or") as refused:
        shown(monkeypatch, CRM, DATABASE_URL="mysql://invito:canary@db.example/webhook")

    assert "canary" not in str(refused.value)
