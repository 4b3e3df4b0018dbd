"""What is wrong with the settings is said before anything is asked."""

from pathlib import Path

import pytest
from invito_ldap import settings_model

from invito.plugins.failures import PluginError
from invito.plugins.plugin_settings import read_plugin_settings

GIVEN = {"URL": "ldap://ldap.example", "PEOPLE_BASES": '["ou=people,dc=example"]'}


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"URL": "https://ldap.example"}, "INVITO_LDAP_URL: give ldap://HOST"),
        ({"URL": "ldap://reader:secret@ldap.example"}, "INVITO_LDAP_URL: give ldap://HOST"),
        ({"PEOPLE_BASES": "[]"}, "INVITO_LDAP_PEOPLE_BASES"),
        ({"PEOPLE_FILTER": "objectClass=person"}, "INVITO_LDAP_PEOPLE_FILTER: give a filter in brackets"),
        ({"GROUP_FILTER": "(&(cn=*)"}, "INVITO_LDAP_GROUP_FILTER: give a filter in brackets"),
        ({"CA_FILE": "/nowhere.pem"}, "INVITO_LDAP_CA_FILE"),
        ({"BIND_DN": "cn=reader"}, "give BIND_DN and PASSWORD, or neither"),
        ({"PASSWORD": "secret"}, "give BIND_DN and PASSWORD, or neither"),
    ],
)
def test_it_names_the_variable(monkeypatch: pytest.MonkeyPatch, otherwise: dict[str, str], said: str) -> None:
    for name, value in (GIVEN | otherwise).items():
        monkeypatch.setenv(f"INVITO_LDAP_{name}", value)

    with pytest.raises(PluginError) as refused:
        read_plugin_settings("ldap", settings_model)

    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_readme_has_all_of_them_as_they_are() -> None:
    lines = []
    for name, field in settings_model.model_fields.items():
        unset = (
            "needed" if field.is_required() else "" if not str(field.default or "") else f"`{_shown(field.default)}`"
        )
        lines.append(f"| `INVITO_LDAP_{name.upper()}` | {unset} | {field.description} |")

    assert "\n".join(lines) in (Path(__file__).parents[1] / "README.md").read_text()


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_what_goes_over_the_wire_is_encrypted_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(f"INVITO_LDAP_{name}", value)

    settings = read_plugin_settings("ldap", settings_model)

    assert isinstance(settings, settings_model)
    assert settings.start_tls
