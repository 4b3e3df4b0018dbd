"""What an operator sets, and what is said of a setting that is wrong."""

import pytest

from invito.misspelt_settings import misspelt
from invito.plugins.contract import Language
from invito.settings import Settings, SettingsError, read_settings
from invito.settings_table import as_markdown, setting_rows


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"INVITO_{name.upper()}", raising=False)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVITO_LANGUAGE", "nb")
    monkeypatch.setenv("INVITO_ADMINISTRATORS", "a@nordlys.example, b@nordlys.example")

    settings = read_settings()

    assert settings.language is Language.NB
    assert settings.administrators == ("a@nordlys.example", "b@nordlys.example")


def test_what_is_given_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVITO_PORT", "1234")

    assert read_settings(port=4321).port == 4321


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://somewhere"),
        ("DATABASE_URL", "not a url"),
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", f"{'x' * 38}@nordlys.example"),
        ("FOLLOW_UP_URL", "https://crm.nordlys.example/follow-ups"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../../etc/passwd"),
        ("LANGUAGE", "fr"),
        ("JWT_SECRET", "too short"),
        ("PLUGIN_CALL_SECONDS", "-1.5"),
    ],
)
def test_a_wrong_value_is_named_by_its_variable_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"INVITO_{variable}", value)

    with pytest.raises(SettingsError) as raised:
        read_settings()

    assert [problem.partition(":")[0] for problem in raised.value.problems] == [f"INVITO_{variable}"]
    assert value not in str(raised.value)


def test_a_secret_and_published_keys_exclude_each_other() -> None:
    with pytest.raises(SettingsError, match="exclude each other"):
        read_settings(jwt_secret="s" * 32, jwt_jwks_url="http://127.0.0.1/keys")


def test_a_secret_is_not_shown() -> None:
    settings = read_settings(jwt_secret="canary" * 6)

    assert "canary" not in repr(settings)
    assert "canary" not in str(list(setting_rows(settings)))


def test_a_misspelt_variable_is_reported_with_the_one_that_may_be_meant() -> None:
    problems = misspelt({"INVITO_DATABSE_URL": "x", "INVITO_PORT": "1", "INVITO_SHARED": "../shared", "HOME": "/"})

    assert problems == ["INVITO_DATABSE_URL is no setting: is INVITO_DATABASE_URL meant?"]


def test_a_misspelt_setting_of_a_plugin_is_told_with_the_one_that_may_be_meant() -> None:
    rooms = {"rooms": ["INVITO_ROOMS_SEATS", "INVITO_ROOMS_DB"]}
    environment = {"INVITO_ROOMS_SEAT": "1", "INVITO_ROOMS_COLOUR": "x", "INVITO_ROOMS_DB__HOST": "x"}

    assert misspelt(environment, rooms) == [
        "INVITO_ROOMS_COLOUR is no setting.",
        "INVITO_ROOMS_SEAT is no setting: is INVITO_ROOMS_SEATS meant?",
    ]


def test_nothing_is_guessed_of_the_settings_of_a_plugin_that_is_not_loaded() -> None:
    assert misspelt({"INVITO_LDAP_URL": "x"}, {"rooms": []}, ["ldap"]) == []


def test_a_demo_sets_what_is_not_set() -> None:
    settings = read_settings().for_demo()

    assert settings.mail_from == "invito@nordlys.example"
    assert settings.administrators == ("admin@nordlys.example",)
    assert settings.database_url == "sqlite:///var/demo.sqlite3"


def test_a_demo_leaves_alone_what_is_set_even_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVITO_MAIL_FROM", "")
    monkeypatch.setenv("INVITO_DATABASE_URL", "sqlite:///mine.sqlite3")

    settings = read_settings().for_demo()

    assert settings.mail_from == ""
    assert settings.database_url == "sqlite:///mine.sqlite3"


def test_outside_a_demo_it_must_be_said_how_callers_are_known() -> None:
    assert any("INVITO_JWT_SECRET" in problem for problem in read_settings().missing)


def test_outside_a_demo_tokens_need_audience_and_issuer() -> None:
    lacking = read_settings(jwt_secret="s" * 32, secret_keys="k" * 32)
    complete = read_settings(jwt_secret="s" * 32, secret_keys="k" * 32, jwt_audience="invito", jwt_issuer="crm")

    assert [problem.split()[0] for problem in lacking.missing] == ["INVITO_JWT_AUDIENCE", "INVITO_JWT_ISSUER"]
    assert complete.missing == []


def test_every_setting_is_in_the_table_with_a_description() -> None:
    table = as_markdown()

    assert all(f"`INVITO_{name.upper()}`" in table for name in Settings.model_fields)
    assert all(row.description for row in setting_rows())


@pytest.mark.parametrize("origin", ["crm.example", "https://", "https://crm.example/path", "ftp://crm.example", "*"])
def test_what_is_no_origin_is_refused_with_an_example(origin: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(allowed_origins=(origin,))

    (problem,) = refused.value.problems
    assert "INVITO_ALLOWED_ORIGINS" in problem
    assert "such as https://crm.example" in problem
