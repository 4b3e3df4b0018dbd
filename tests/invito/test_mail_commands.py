"""The commands about mails, run as programs on a demo that sent some."""

import json
from pathlib import Path

import pytest

from tests.invito.test_cli import KARI, invito, serving

INVITE = """mutation { createFollowUp(input: {type: APPOINTMENT, title: "Kaffe på brygga", start: "2097-05-17T10:00",
  emailInvitations: true, invitees: [{participant: {email: {address: "siri@kunde.example", name: "Siri Ås"}}}]
}) { errors { message } } }"""
ABOUT = "About     “Kaffe på brygga” of Kari Nordmann, 2097-05-17 10:00"
SIRI = "From      Siri Ås <siri@kunde.example>"

pytestmark = pytest.mark.xdist_group("mail commands")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a demo whose mail number 1 invited Siri."""
    folder = tmp_path_factory.mktemp("mails")
    with serving(folder, "--demo", "--port", "0", logs="mail sent", INVITO_MAIL_DELAY_SECONDS="0"):
        invito(folder, "query", "--demo", "--as", KARI, INVITE, INVITO_MAIL_DELAY_SECONDS="0")
        while "SENT" not in invito(folder, "mail", "list", "--demo").stdout:
            pass
    return folder


def answer(folder: Path, *said: str) -> list[str]:
    """What Siri's answer to her invitation did."""
    done = invito(folder, "mail", "answer", "1", *said, "--demo")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_mails_are_listed_with_whole_addresses_however_narrow_the_screen(demo: Path) -> None:
    done = invito(demo, "mail", "list", "--demo", COLUMNS="40")

    assert "Siri Ås <siri@kunde.example>  REQUEST  Kaffe på brygga  SENT" in done.stdout


def test_a_mail_that_its_server_puts_off_is_delayed_as_the_api_says(tmp_path: Path) -> None:
    # Nobody listens there.
    settings = {"INVITO_MAIL_DELAY_SECONDS": "0", "INVITO_SMTP_URL": "smtp+plain://127.0.0.1:9"}
    ask = """{ followUps(filter: {during: {start: "2097-05-17", end: "2097-05-18"}}) { nodes {
        participants { nodes { emailInvitation { delivery } } } } } }"""

    with serving(tmp_path, "--demo", "--port", "0", logs="mail put off", **settings):
        invito(tmp_path, "query", "--demo", "--as", KARI, INVITE, **settings)
        while "tried" not in (why := invito(tmp_path, "mail", "why", "siri@kunde.example", "--demo").stdout):
            pass
        listed = invito(tmp_path, "mail", "list", "--demo").stdout
        shown = invito(tmp_path, "query", "--demo", "--as", KARI, ask).stdout

    assert "REQUEST  tried once, again 20" in why
    assert "Kaffe på brygga  DELAYED" in listed
    assert '"delivery": "DELAYED"' in shown


@pytest.mark.parametrize(("command", "column"), [("list", "written"), ("received", "received")])
def test_the_zone_of_the_times_stands_above_them(demo: Path, command: str, column: str) -> None:
    here, there = (invito(demo, "mail", command, "--demo", **zone) for zone in ({}, {"INVITO_TIME_ZONE": "Asia/Tokyo"}))

    assert f"{column} (Europe/Oslo)" in here.stdout.splitlines()[0]
    assert f"{column} (Asia/Tokyo)" in there.stdout.splitlines()[0]


def test_a_mail_is_shown_as_it_is_read_and_as_it_was_sent(demo: Path) -> None:
    shown, raw = (invito(demo, "mail", "show", "1", "--demo", *option).stdout for option in ((), ("--raw",)))

    lines = shown.splitlines()
    assert "Subject:       Invitation: Kaffe på brygga" in lines
    assert "Kari Nordmann invites you to “Kaffe på brygga”." in lines
    assert "METHOD:        REQUEST" in lines
    assert "SEQUENCE:      0" in lines
    assert "DTSTART:       2097-05-17 10:00 Europe/Oslo" in lines
    assert "ATTENDEE:      Siri Ås <siri@kunde.example>, REQ-PARTICIPANT, NEEDS-ACTION" in lines
    assert any(line.startswith("UID:  ") for line in lines)
    assert "Content-Type: multipart/mixed" not in shown
    assert "Content-Type: multipart/mixed" in raw


def test_an_answer_is_told_with_whom_it_is_of_and_how_they_stand(demo: Path) -> None:
    lines = answer(demo, "--accept", "--reason", "Gjerne")

    assert lines == ["APPLIED: The answer counts.", ABOUT, SIRI, "Answered  ACCEPTED", "Stands    ACCEPTED"]


def test_another_time_is_proposed_once_and_is_a_duplicate_then(demo: Path) -> None:
    times = ("--propose", "2097-05-18T12:00", "2097-05-18T13:30", "--reason", "Passer bedre")

    first, second = answer(demo, *times), answer(demo, *times)

    assert first[:3] == ["APPLIED: Another time is proposed.", ABOUT, SIRI]
    assert first[-1] == "Proposed  2097-05-18 12:00 to 2097-05-18 13:30"
    assert second[0] == "DUPLICATE: The same answer was there already."


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ((), "Say one of --accept, --tentative, --decline and --propose."),
        (("--accept", "--propose", "2097-05-18", "2097-05-19"), "Say one of"),
        (("--propose", "tomorrow", "2097-05-19"), "tomorrow is no time"),
        (("--propose", "2097-05-18", "2097-05-19T10:00"), "either both days or both times"),
        (("--propose", "2097-05-19", "2097-05-18"), "ends before it begins"),
    ],
)
def test_an_answer_that_cannot_be_given_is_refused_in_a_sentence(
    demo: Path, said: tuple[str, ...], problem: str
) -> None:
    done = invito(demo, "mail", "answer", "1", *said, "--demo")

    assert (done.returncode, done.stdout) == (1, "")
    assert problem in done.stderr


def test_advice_in_a_demo_names_the_commands_of_the_demo(demo: Path) -> None:
    invite = INVITE.replace("siri@", "anne@")
    invito(demo, "query", "--demo", "--as", KARI, invite)

    missing, waits = (invito(demo, "mail", *what, "--demo") for what in (("show", "99"), ("why", "anne@kunde.example")))

    assert "There is no mail 99: `invito mail list --demo` names those" in missing.stderr
    assert "then for `invito serve --demo` or `invito worker --demo`" in waits.stdout


def test_why_somebody_without_an_address_got_none_is_asked_by_name(demo: Path) -> None:
    (demo / "people.csv").write_text("name,id\nHaakon Uten-Adresse,no-address\n", encoding="utf-8")
    invito(demo, "import", "persons", "people.csv", "--demo")
    ask = '{ searchParticipants(search: "uten") { nodes { reference } } }'
    found = json.loads(invito(demo, "query", "--demo", "--as", KARI, ask).stdout)
    reference = found["data"]["searchParticipants"]["nodes"][0]["reference"]
    invite = INVITE.replace('email: {address: "siri@kunde.example", name: "Siri Ås"}', f'reference: "{reference}"')
    invito(demo, "query", "--demo", "--as", KARI, invite)

    by_name = invito(demo, "mail", "why", "håkon ute", "--demo")
    nobody = invito(demo, "mail", "why", "Nobody Such", "--demo")

    assert by_name.stdout.splitlines() == [
        "Haakon Uten-Adresse <no address>",
        "“Kaffe på brygga” of Kari Nordmann, 2097-05-17 10:00: gets no mail, since there is no valid e-mail address.",
    ]
    assert (nobody.returncode, nobody.stderr) == (1, "Nobody called Nobody Such is invited to anything.\n")


def test_a_mail_that_came_in_before_is_called_a_duplicate(demo: Path) -> None:
    (demo / "hello.eml").write_text("From: a@b.example\r\nSubject: Hei\r\n\r\nHei")

    first, second = (invito(demo, "mail", "receive", "hello.eml", "--demo").stdout.splitlines() for _ in range(2))

    assert first == ["NOT_OURS: There is no calendar in it."]
    assert second[0].startswith("DUPLICATE: The same mail came in before, as ")
    assert second[1:] == first


def test_a_mail_that_is_too_large_is_taken_from_standard_input_to_its_end_and_set_aside(demo: Path) -> None:
    mail = "From: a@b.example\r\nSubject: Stor\r\n\r\n" + "x" * 3_000_000

    done = invito(demo, "mail", "receive", "-", "--demo", given=mail)

    assert (done.returncode, done.stdout.splitlines()) == (0, ["QUARANTINED: The mail is too large."])
    listed = invito(demo, "mail", "received", "--outcome", "QUARANTINED", "--demo").stdout
    assert "a@b.example  Stor" in listed
