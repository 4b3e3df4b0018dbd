"""The command line, run as a program."""

import json
import os
import re
import shlex
import shutil
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
import typer
from rich.console import Console
from rich.table import Table

from invito import __version__
from invito.cli import app
from invito.cli.ending import database_problem
from invito.cli.lazy_commands import LazyCommand, LazyGroup
from invito.cli.tables import print_table
from invito.graphiql import is_graphiql_built
from invito.inbound_signature import signature
from invito.settings_table import setting_rows
from invito.variables import PREFIX

KARI = "kari.nordmann@nordlys.example"
README = Path(__file__).parents[2] / "README.md"
SECRET = "a secret of thirty-two bytes or so"
TOKENS = {
    "INVITO_JWT_SECRET": SECRET,
    "INVITO_JWT_AUDIENCE": "invito",
    "INVITO_JWT_ISSUER": "test",
    "INVITO_SECRET_KEYS": SECRET,
}
WHO = "{ viewer { isAdministrator } }"
CREATE = """mutation { createFollowUp(input: { type: APPOINTMENT, title: "Dinner", start: "2031-12-01T18:00",
    duration: "PT2H" }) { followUp { id } errors { message } } }"""
TOLD = """from invito.plugins import hookimpl

@hookimpl
def invito_follow_up_changed(event):
    print("told of revision", event.revision, flush=True)
"""


def environment(settings: dict[str, str]) -> dict[str, str]:
    """This one, with these settings and none of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | settings


def invito(
    folder: Path, *arguments: str, given: str | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """`invito` in a folder, to its end, `given` being what it can read; what it prints has no stack trace in it."""
    command = [sys.executable, "-m", "invito", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(settings), input=given or "", capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr
    return done


@contextmanager
def serving(
    folder: Path, *arguments: str, logs: str = "", ends_by: str = "SIGINT", **settings: str
) -> Iterator[list[str]]:
    """`invito serve` while the context lasts, and the lines that it said when it was there; all it logs has `logs`."""
    command = [sys.executable, "-m", "invito", "serve", *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line.rstrip())
                if line.startswith("Stop it"):
                    break
            yield lines
        finally:
            process.send_signal(signal.Signals[ends_by])
            out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (0, "")
        assert all(logs and logs in line for line in err.splitlines()), err


def lazy_commands(group: str) -> tuple[LazyCommand, ...]:
    """Those of `invito`, or of `invito GROUP`."""
    top = typer.main.get_group(app)
    found = next((one.imported() for one in top.lazy if one.name == group), top) if isinstance(top, LazyGroup) else top
    assert isinstance(found, LazyGroup)
    return found.lazy


def address_in(lines: list[str]) -> str:
    return next(line.split()[-1] for line in lines if line.startswith("GraphQL"))


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose demo database is loaded already, after the first who uses it."""
    return tmp_path_factory.mktemp("demo")


def test_a_demo_says_in_eight_lines_where_it_is_and_what_to_try(demo_folder: Path) -> None:
    with serving(demo_folder, "--demo", "--port", "0") as lines:
        command = shlex.split(next(line for line in lines if line.startswith("Try")).removeprefix("Try"))
        headers = dict(command[at + 1].split(": ", 1) for at, word in enumerate(command) if word == "-H")
        answer = httpx2.post(command[2], headers=headers, json=json.loads(command[-1]))

    assert len(lines) <= 8
    assert any(KARI in line for line in lines)
    assert answer.json()["data"]["viewer"]["employee"]["name"] == "Kari Nordmann"


def test_where_people_reach_it_by_a_public_address_that_is_what_the_start_names(demo_folder: Path) -> None:
    public = "https://crm.example/invito"

    with serving(demo_folder, "--demo", "--port", "0", INVITO_PUBLIC_URL=f"{public}/") as lines:
        (listens,) = [line for line in lines if "http://127.0.0.1:" in line]
        answer = httpx2.get(f"{listens.split()[-1]}healthz")

    assert address_in(lines) == f"{public}/graphql"
    assert f"Start page  {public}/" in lines
    assert any(line.startswith(f"Try         curl -s {public}/graphql -H ") for line in lines)
    assert not is_graphiql_built() or f"GraphiQL    {public}/graphiql" in lines
    assert answer.status_code == 200


def test_a_second_start_of_the_demo_keeps_what_is_there(demo_folder: Path) -> None:
    count = '{ availableParticipants(source: "employees", first: 1) { totalCount } }'

    with serving(demo_folder, "--demo", "--port", "0"):
        first = invito(demo_folder, "query", "--demo", "--as", KARI, count)
    with serving(demo_folder, "--demo", "--port", "0"):
        second = invito(demo_folder, "query", "--demo", "--as", KARI, count)

    assert first.returncode == 0
    assert first.stdout == second.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_a_demo_that_runs_is_not_forgotten(tmp_path: Path) -> None:
    makefile = Path(__file__).parents[2] / "Makefile"
    forget = ["make", "-f", str(makefile), "forget", f"PYTHON={sys.executable}"]

    with serving(tmp_path, "--demo", "--port", "0"):
        refused = subprocess.run(forget, cwd=tmp_path, capture_output=True, text=True, check=False)
        is_there = (tmp_path / "var" / "demo.sqlite3").exists()
    done = [subprocess.run(forget, cwd=tmp_path, capture_output=True, text=True, check=False) for _ in range(2)]

    assert is_there
    assert refused.returncode != 0
    assert "var/demo.sqlite3 is in use: stop what runs with --demo" in refused.stderr
    assert [one.returncode for one in done] == [0, 0]
    assert not (tmp_path / "var").exists()


def test_a_server_that_is_told_to_end_leaves_nothing_behind_and_says_nothing(tmp_path: Path) -> None:
    with taken_port() as port:
        pass
    listen = {"INVITO_LMTP_LISTEN": f"127.0.0.1:{port}"}

    with serving(tmp_path, "--port", "0", logs="mail is taken at", ends_by="SIGTERM", **TOKENS, **listen):
        # The first answer of the process that understands mail has come when this has.
        with smtplib.LMTP("127.0.0.1", port) as server:
            server.sendmail("a@b.example", "invito@b.example", HELLO)
        while "NOT_OURS" not in invito(tmp_path, "mail", "received").stdout:
            pass


def test_a_taken_port_gives_the_next_free_one(tmp_path: Path) -> None:
    with taken_port() as port:
        # The port of the settings is named too, so the default has to be the one that is taken.
        program = (
            "import sys; from invito.cli.listening import listening_socket;"
            "print(listening_socket('127.0.0.1', int(sys.argv[1]), is_named=False).getsockname()[1])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(port)], capture_output=True, text=True, check=True, cwd=tmp_path
        )

    assert port < int(done.stdout) < port + 50


def test_a_taken_port_that_was_named_is_refused(tmp_path: Path) -> None:
    with taken_port() as port:
        done = invito(tmp_path, "serve", "--port", str(port), **TOKENS)

    assert done.returncode == 1
    assert f"port {port}" in done.stderr


def test_a_taken_address_for_mail_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with taken_port() as port:
        listen = {"INVITO_LMTP_LISTEN": f"127.0.0.1:{port}"}
        served = invito(tmp_path, "serve", "--port", "0", **TOKENS, **listen)
        worked = invito(tmp_path, "worker", **TOKENS, **listen)

    assert (served.returncode, worked.returncode) == (1, 1)
    assert f"127.0.0.1:{port}: Address already in use. Look at INVITO_LMTP_LISTEN" in served.stderr
    assert f"Mail cannot be taken at 127.0.0.1:{port}" in worked.stderr


def test_a_worker_tells_plugins_of_what_others_committed(demo_folder: Path, tmp_path: Path) -> None:
    hotel = tmp_path / "hotel.py"
    hotel.write_text(TOLD)
    settings = {"INVITO_PLUGINS": str(hotel)}
    with serving(demo_folder, "--demo", "--port", "0"):
        made = invito(demo_folder, "query", "--demo", "--as", KARI, CREATE, **settings)
    assert made.returncode == 0, made.stdout + made.stderr
    with subprocess.Popen(
        [sys.executable, "-m", "invito", "worker", "--demo"],
        cwd=demo_folder, env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as worker:  # fmt: skip
        assert worker.stdout is not None
        try:
            told = worker.stdout.readline()
        finally:
            worker.terminate()

    # The command that created it acts but once, and leaves telling to others.
    assert "told" not in made.stdout + made.stderr
    assert told == "told of revision 1\n"
    assert worker.returncode == 0


def test_a_demo_listens_at_the_loopback_alone(tmp_path: Path) -> None:
    by_option = invito(tmp_path, "serve", "--demo", "--host", "0.0.0.0")
    by_setting = invito(tmp_path, "serve", "--demo", INVITO_HOST="192.0.2.1")

    for done in (by_option, by_setting):
        assert done.returncode == 1
        assert "127.0.0.1 alone" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_outside_a_demo_serve_wants_to_know_how_callers_are_known(tmp_path: Path) -> None:
    done = invito(tmp_path, "serve")

    assert done.returncode == 1
    assert "INVITO_JWT_SECRET" in done.stderr


def test_serve_answers_whom_a_token_of_ours_names(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0", **TOKENS) as lines:
        token = invito(tmp_path, "token", KARI, **TOKENS).stdout.strip()
        assert any("TOKEN=$(invito token E-MAIL)" in line for line in lines)
        assert any('"Authorization: Bearer $TOKEN"' in line for line in lines)
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx2.post(address_in(lines), json={"query": WHO}, headers=headers)

    assert answer.json()["data"] == {"viewer": {"isAdministrator": False}}


def test_a_plugin_that_cannot_be_imported_stops_the_start_with_its_name(tmp_path: Path) -> None:
    done = invito(tmp_path, "serve", "--demo", "--plugin", "no_such_plugin")

    assert done.returncode == 1
    assert "no_such_plugin" in done.stderr


HOTEL = """
from invito.plugins import Label, Source, hookimpl

class Hotel(Source):
    key = "hotel"
    label = container_label = all_label = Label(en="Hotel", nb="Hotell")
    directories = frozenset({"hotel"})

@hookimpl
def invito_participant_sources():
    return [Hotel()]
"""


def test_a_plugin_is_found_in_the_folder_that_one_is_in(tmp_path: Path) -> None:
    (tmp_path / "hotel.py").write_text(HOTEL, encoding="utf-8")
    invito(tmp_path, "migrate")
    program = [str(Path(sys.executable).with_name("invito"))]

    # By its own name: `python -m` finds modules of this folder by itself.
    checked, asked = (
        subprocess.run(
            [*program, *arguments, "--plugin", "hotel"],
            cwd=tmp_path, env=environment(TOKENS), capture_output=True, text=True, check=False, timeout=60,
        )
        for arguments in (("check",), ("query", "{ participantSources { key } }", "--as", KARI, "--administrator"))
    )  # fmt: skip

    assert "hotel" in checked.stdout
    assert checked.returncode == 0
    assert {"key": "hotel"} in json.loads(asked.stdout)["data"]["participantSources"]


def test_a_plugin_that_fails_while_it_is_imported_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "hotel.py").write_text("ROOMS = 100\nROOMS / 0\n", encoding="utf-8")

    done = invito(tmp_path, "serve", "--demo", "--plugin", "hotel")

    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "hotel.py:2)" in done.stderr


def test_a_plugin_that_ends_the_process_while_it_is_imported_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "hotel.py").write_text("import sys\nsys.exit(0)\n", encoding="utf-8")

    done = invito(tmp_path, "serve", "--demo", "--plugin", "hotel")

    assert done.returncode == 1
    assert "Plugin hotel cannot be imported: SystemExit: 0" in done.stderr
    assert "hotel.py:2)" in done.stderr


def test_migrate_tells_where_the_database_came_from(tmp_path: Path) -> None:
    first, second = invito(tmp_path, "migrate"), invito(tmp_path, "migrate")

    assert "came from nothing" in first.stdout
    assert "was up to date" in second.stdout


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    with taken_port() as port:
        url = f"postgresql://invito:canary@127.0.0.1:{port + 1}/invito"
        done = invito(tmp_path, "migrate", INVITO_DATABASE_URL=url)

    assert done.returncode == 1
    assert "INVITO_DATABASE_URL" in done.stderr
    assert "canary" not in done.stderr


def test_check_finds_what_is_wrong_and_how_to_mend_it(tmp_path: Path) -> None:
    wrong = invito(tmp_path, "check", INVITO_PORTS="1", INVITO_PLUGINS="no_such_plugin")

    assert wrong.returncode == 1
    for part in ("INVITO_PORTS", "INVITO_JWT_SECRET", "invito migrate", "no_such_plugin"):
        assert part in wrong.stdout
    assert list(tmp_path.iterdir()) == []


def test_check_names_a_database_that_does_not_answer(tmp_path: Path) -> None:
    with taken_port() as port:
        url = f"postgresql://invito:canary@127.0.0.1:{port + 1}/invito"
        done = invito(tmp_path, "check", INVITO_DATABASE_URL=url, **TOKENS)

    assert done.returncode == 1
    assert "wrong The database cannot be used" in done.stdout
    assert "canary" not in done.stdout


def test_a_database_of_a_newer_version_is_refused_in_the_same_words(tmp_path: Path) -> None:
    invito(tmp_path, "migrate")
    with sqlite3.connect(tmp_path / "invito.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    checked = invito(tmp_path, "check", **TOKENS)
    commands = (("serve",), ("migrate",), ("query", WHO, "--as", KARI), ("worker",), ("mail", "list"))
    others = [invito(tmp_path, *command, **TOKENS) for command in commands]

    what = "The database is at 9999, which this version does not know: run the newer one that made it."
    assert checked.returncode == 1
    assert what in checked.stdout
    assert [(done.returncode, done.stderr.strip()) for done in others] == [(1, what)] * len(commands)


def test_check_is_content_where_all_is_well(tmp_path: Path) -> None:
    invito(tmp_path, "migrate")

    done = invito(tmp_path, "check", **TOKENS)

    assert done.returncode == 0
    assert "wrong" not in done.stdout


def test_check_names_a_value_that_cannot_be_read(tmp_path: Path) -> None:
    done = invito(tmp_path, "check", INVITO_PORT="eighty")

    assert done.returncode == 1
    assert "INVITO_PORT" in done.stdout


def test_schema_prints_the_api_or_writes_it(tmp_path: Path) -> None:
    printed = invito(tmp_path, "schema")
    invito(tmp_path, "schema", "--output", "schema.graphql")

    assert "type Query" in printed.stdout
    assert (tmp_path / "schema.graphql").read_text(encoding="utf-8") == printed.stdout


def test_schema_says_which_file_it_cannot_write(tmp_path: Path) -> None:
    done = invito(tmp_path, "schema", "--output", "nowhere/schema.graphql")

    assert done.returncode == 1
    assert "nowhere/schema.graphql cannot be written: No such file or directory." in done.stderr


def test_without_its_driver_postgresql_names_what_to_install_in_a_clone_too() -> None:
    told = database_problem(ModuleNotFoundError("No module named 'asyncpg'", name="asyncpg"))

    assert "pip install 'invito[postgres]'" in told
    assert ".venv/bin/pip install --editable '.[postgres]'" in told
    assert ".venv/bin/pip install --editable '.[postgres]'" in README.read_text(encoding="utf-8")


def test_a_token_needs_a_secret(tmp_path: Path) -> None:
    done = invito(tmp_path, "token", KARI)

    assert done.returncode == 1
    assert "INVITO_JWT_SECRET" in done.stderr


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ((), ""),
        (("INVITO_JWT_ISSUER",), "INVITO_JWT_ISSUER is not set, nor named in this token: only a demo takes it.\n"),
        (
            ("INVITO_JWT_AUDIENCE", "INVITO_JWT_ISSUER"),
            "INVITO_JWT_AUDIENCE and INVITO_JWT_ISSUER are not set, nor named in this token: only a demo takes it.\n",
        ),
    ],
)
def test_a_token_that_only_a_demo_takes_is_printed_with_a_warning(
    tmp_path: Path, missing: tuple[str, ...], said: str
) -> None:
    done = invito(tmp_path, "token", KARI, **{name: value for name, value in TOKENS.items() if name not in missing})

    assert (done.returncode, done.stderr) == (0, said)
    assert done.stdout.count(".") == 2


def test_a_token_is_of_somebody_and_lasts(tmp_path: Path) -> None:
    nobody = invito(tmp_path, "token", "kari", **TOKENS)
    never, ended = (invito(tmp_path, "token", KARI, "--hours", hours, **TOKENS) for hours in ("0", "-1"))

    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "kari is no e-mail address" in nobody.stderr
    for done in (never, ended):
        assert (done.returncode, done.stdout) == (1, "")
        assert "--hours is more than 0" in done.stderr


def test_query_answers_without_a_server(tmp_path: Path) -> None:
    invito(tmp_path, "migrate")

    done = invito(tmp_path, "query", WHO, "--as", KARI, "--administrator")

    assert done.returncode == 0
    assert json.loads(done.stdout) == {"data": {"viewer": {"isAdministrator": True}}}


def test_query_takes_variables_and_ends_with_1_where_there_are_errors(tmp_path: Path) -> None:
    invito(tmp_path, "migrate")
    node = "query ($id: ID!) { node(id: $id) { id } }"

    good = invito(tmp_path, "query", node, "--as", KARI, "--variables", '{"id": "x"}')
    bad = invito(tmp_path, "query", node, "--as", KARI, "--variables", "[]")

    assert good.returncode == 1
    assert json.loads(good.stdout)["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert bad.returncode == 1
    assert "JSON object" in bad.stderr


def test_query_takes_operation_and_variables_from_a_file_or_from_standard_input(tmp_path: Path) -> None:
    invito(tmp_path, "migrate")
    (tmp_path / "who.graphql").write_text("query ($id: ID!) { node(id: $id) { id } }", encoding="utf-8")
    (tmp_path / "variables.json").write_text('{"id": "x"}', encoding="utf-8")

    from_file = invito(tmp_path, "query", "@who.graphql", "--as", KARI, "--variables", "@variables.json")
    from_input = invito(tmp_path, "query", "-", "--as", KARI, given=WHO)
    variables = invito(tmp_path, "query", "@who.graphql", "--as", KARI, "--variables", "-", given='{"id": "x"}')

    for done in (from_file, variables):
        assert json.loads(done.stdout)["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert json.loads(from_input.stdout)["data"] == {"viewer": {"isAdministrator": False}}


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("query", "@nothing.graphql", "--as", KARI), "nothing.graphql cannot be read: No such file or directory."),
        (("query", "@latin.graphql", "--as", KARI), "latin.graphql is no text in UTF-8."),
        (("query", WHO, "--as", "kari"), "kari is no e-mail address: --as names who asks by theirs."),
        (("query", WHO, "--as", KARI, "--variables", '{"id": '), "--variables should be a JSON object"),
        (("query", "-", "--as", KARI, "--variables", "-"), "Only one of the operation and --variables"),
        (("token", "kari"), "kari is no e-mail address."),
        (("mail", "why", "kari@"), "kari@ is no e-mail address."),
        (("mail", "why", "!"), "Say whose mails: an e-mail address, or a name."),
        (("mail", "list"), "There is no database yet"),
        (("mail", "why", KARI), "There is no database yet"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(tmp_path: Path, arguments: tuple[str, ...], what: str) -> None:
    (tmp_path / "latin.graphql").write_bytes(b"{ \xe6 }")

    done = invito(tmp_path, *arguments, **TOKENS)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(what)
    assert len(done.stderr.splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["latin.graphql"]


@pytest.mark.parametrize("arguments", [("serve", "--port", "80000"), ("serve", "--port", "eighty"), ("import", "busy")])
def test_a_mistyped_command_is_told_which_argument_is_wrong(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = invito(tmp_path, *arguments)

    assert done.returncode == 2
    assert "--help' for help" in done.stderr


@pytest.mark.parametrize("command", [("migrate",), ("mail", "list")])
def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "folder").mkdir()

    done = invito(tmp_path, *command, INVITO_DATABASE_URL="sqlite:///folder", **TOKENS)

    assert done.returncode == 1
    what = "The database cannot be used: folder: Is a directory. Look at INVITO_DATABASE_URL."
    assert done.stderr.strip() == what


def test_what_there_is_to_do_is_listed_without_importing_it(tmp_path: Path) -> None:
    program = (
        "import sys; from invito.cli import app; app(sys.argv[1:], standalone_mode=False);"
        "print({name.partition('.')[0] for name in sys.modules} & {'strawberry', 'alembic', 'structlog', 'icalendar'})"
    )
    command = [sys.executable, "-c", program]
    for arguments in (["-h"], ["--help"], ["mail", "-h"], ["plugins", "--help"]):
        done = subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)

        assert "Commands" in done.stdout
        assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    "command",
    [f"{group} {one.name}" for group in ("", "mail", "plugins") for one in lazy_commands(group)],
)
def test_each_command_that_is_listed_can_be_imported(command: str) -> None:
    group, name = command.split(" ")

    (found,) = (one for one in lazy_commands(group) if one.name == name)

    assert found.imported().help


def test_the_version_is_told(tmp_path: Path) -> None:
    assert invito(tmp_path, "--version").stdout == f"Invito {__version__}\n"


def test_a_subscription_needs_a_server(tmp_path: Path) -> None:
    invito(tmp_path, "migrate")

    done = invito(tmp_path, "query", "subscription { notificationReceived { id } }", "--as", KARI)

    assert done.returncode == 1
    assert json.loads(done.stdout)["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "command",
    [
        ("query", WHO, "--as", KARI),
        ("mail", "list"),
        ("mail", "show", "1"),
        ("mail", "why", KARI),
        ("mail", "received"),
        ("mail", "retry", "1"),
        ("plugins", "list"),
        ("plugins", "show", "employees"),
        ("plugins", "check", "employees"),
        ("import", "busy", "june.ics", "--of", KARI),
    ],
)
def test_who_only_looks_makes_no_database_and_is_told_what_would(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "june.ics").touch()

    done, demo = invito(tmp_path, *command), invito(tmp_path, *command, "--demo")

    assert (done.returncode, demo.returncode) == (1, 1)
    assert "There is no database yet at sqlite:///invito.sqlite3" in done.stderr
    assert "`invito serve` and `invito migrate` make it. That of `invito serve --demo` is asked with" in done.stderr
    assert "There is no database yet at sqlite:///var/demo.sqlite3: `invito serve --demo` makes it." in demo.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["june.ics"]


def test_a_file_that_cannot_be_imported_makes_no_database(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("x,y\n", encoding="utf-8")

    for kind in ("employees", "persons", "resources", "projects", "selections"):
        assert invito(tmp_path, "import", kind, "people.csv").returncode == 1

    assert [file.name for file in tmp_path.iterdir()] == ["people.csv"]


@pytest.mark.parametrize("command", [("list",), ("why", KARI), ("received",), ("show", "1")])
def test_looking_at_mails_starts_no_plugin(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "loud.py").write_text('print("loud is here")\n')
    invito(tmp_path, "migrate")

    done = invito(tmp_path, "mail", *command, INVITO_PLUGINS="loud.py")

    assert "loud is here" not in done.stdout


def test_query_says_where_a_database_is_wrong_that_is_not_migrated(tmp_path: Path) -> None:
    (tmp_path / "invito.sqlite3").touch()

    done = invito(tmp_path, "query", WHO, "--as", KARI)

    assert done.returncode == 1
    assert "`invito migrate`" in done.stderr


def test_query_names_a_database_that_does_not_answer(tmp_path: Path) -> None:
    with taken_port() as port:
        url = f"postgresql://invito:canary@127.0.0.1:{port + 1}/invito"
        done = invito(tmp_path, "query", WHO, "--as", KARI, INVITO_DATABASE_URL=url)

    assert done.returncode == 1
    assert "The database cannot be used" in done.stderr


def test_import_takes_the_good_rows_in_and_tells_of_the_bad_ones_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "employees.csv"
    file.write_text(f"name,email,groups\nKari Nordmann,{KARI},Sales\n,,Sales\nOla Nordmann,,\n", encoding="utf-8")

    first = invito(tmp_path, "import", "employees", str(file))
    second = invito(tmp_path, "import", "employees", str(file))

    assert first.returncode == 1
    assert f"{file}:3: has no name" in first.stdout
    assert "2 added, 0 changed, 0 unchanged, 1 not taken in" in first.stdout
    assert first.stderr == ""
    assert "0 added, 0 changed, 2 unchanged, 1 not taken in" in second.stdout


def test_import_ends_with_0_where_all_went_in_and_tells_of_the_columns_that_it_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text("name,colour\nFjorden,blue\n", encoding="utf-8")

    done = invito(tmp_path, "import", "resources", "rooms.csv")

    notes = ["Nothing is taken from the columns colour.", "1 added, 0 changed, 0 unchanged, 0 not taken in."]
    assert (done.returncode, done.stdout.splitlines()[:-1]) == (0, notes)


def test_a_row_that_went_in_only_in_part_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,email\nKari,kari\nOla,\n", encoding="utf-8")

    done = invito(tmp_path, "import", "persons", "people.csv")

    counted = "2 added, 0 changed, 0 unchanged, 0 not taken in. Of those that went in, 1 did only in part."
    assert done.stdout.splitlines()[-2] == counted


def test_import_prints_what_the_readme_says(tmp_path: Path) -> None:
    file = "name,email,phone\nKari,kari@x.example,1\n,,2\nOla,ola@,3\n"
    (tmp_path / "customers.csv").write_text(file, encoding="utf-8")

    done = invito(tmp_path, "import", "persons", "customers.csv", "--demo")

    assert f"```\n{done.stdout}```" in README.read_text(encoding="utf-8")


def test_import_says_which_database_it_took_the_file_into(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text("name\nFjorden\n", encoding="utf-8")

    here, demo = (invito(tmp_path, "import", "resources", "rooms.csv", *option) for option in ((), ("--demo",)))

    assert here.stdout.endswith("\nKept in sqlite:///invito.sqlite3.\n")
    assert demo.stdout.endswith("\nKept in sqlite:///var/demo.sqlite3.\n")


_OF_PEOPLE = "name first_name middle_name last_name email title language time_zone id"


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("employees", f"{_OF_PEOPLE} groups"),
        ("persons", f"{_OF_PEOPLE} company"),
        ("resources", "name type address groups capacity id"),
        ("projects", "name description id members"),
        ("selections", "name description id members search kinds company groups title"),
    ],
)
def test_the_help_names_the_columns_that_are_taken(tmp_path: Path, kind: str, columns: str) -> None:
    (tmp_path / "file.csv").write_text(f"{columns.replace(' ', ',')}\n", encoding="utf-8")

    help_, done = invito(tmp_path, "import", kind, "--help"), invito(tmp_path, "import", kind, "file.csv")

    listed = help_.stdout.partition("Columns")[2].partition("Arguments")[0]
    assert set(columns.split()) <= set(re.findall(r"\w+", listed))
    assert done.stdout.startswith("0 added")


def test_import_replaces_the_calendar_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text("name\nFjorden\n", encoding="utf-8")
    event = "BEGIN:VEVENT\nUID:1\nDTSTART:20990101T090000Z\nDURATION:PT1H\nEND:VEVENT\n"
    for name in ("june.ics", "july.ics"):
        (tmp_path / name).write_text(f"BEGIN:VCALENDAR\n{event}END:VCALENDAR\n", encoding="utf-8")
    invito(tmp_path, "import", "resources", "rooms.csv")

    first, second = (
        invito(tmp_path, "import", "busy", name, "--of", "fjorden", "--calendar", "rooms")
        for name in ("june.ics", "july.ics")
    )

    assert "The calendar rooms has 0 busy times" in first.stdout
    assert "Events that make nobody busy then: 1 outside of that time." in first.stdout
    assert "0 added, 0 changed, 1 unchanged" in second.stdout


def test_import_refuses_a_file_of_another_kind_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "people.pdf"
    file.write_bytes(b"%PDF")

    done = invito(tmp_path, "import", "persons", str(file))

    assert done.returncode == 1
    assert "neither a vCard file" in done.stderr


def test_settings_are_listed_without_secrets(tmp_path: Path) -> None:
    url = "postgresql://invito:canary@127.0.0.1/invito"

    done = invito(tmp_path, "settings", INVITO_DATABASE_URL=url, INVITO_JWT_SECRET="canary" * 6)
    table = invito(tmp_path, "settings", "--markdown")

    assert "canary" not in done.stdout
    assert re.search(r"^\| `INVITO_DATABASE_URL` \|", table.stdout, re.MULTILINE)


def test_settings_that_are_piped_are_a_line_each_with_nothing_cut(tmp_path: Path) -> None:
    done = invito(tmp_path, "settings", COLUMNS="80")

    for row in setting_rows():
        assert sum(row.variable in line.split() and row.default in line for line in done.stdout.splitlines()) == 1
    assert "Install invito[redis] for it." in done.stdout
    assert "…" not in done.stdout.replace("imap+plain://…", "")


def test_settings_of_the_demo_are_those_that_it_has(tmp_path: Path) -> None:
    done = invito(tmp_path, "settings", "--demo")

    assert "sqlite:///var/demo.sqlite3" in done.stdout.partition("INVITO_HOST")[0].partition("Where everything")[0]
    assert "invito@nordlys.example" in done.stdout


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"INVITO_HOST": "::1", "INVITO_PORT": "8080"}, "http://[::1]:8080"),
        ({"INVITO_PUBLIC_URL": "https://invito.example"}, "https://invito.example"),
    ],
)
def test_settings_of_the_demo_say_where_its_mails_link_to(tmp_path: Path, settings: dict[str, str], shown: str) -> None:
    (line,) = [
        line for line in invito(tmp_path, "settings", "--demo", **settings).stdout.splitlines() if "_PUBLIC_URL" in line
    ]

    assert line.split()[3] == shown


@pytest.mark.parametrize("width", [40, 80])
def test_a_table_on_a_narrow_terminal_goes_on_in_the_next_line(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("id", "to")
    table.add_row("1", "somebody.with.a.long.name@a-long-name-of-a-company.example")

    print_table(table, Console(width=width, force_terminal=True, color_system=None))

    shown = "".join(line.split("│")[2].strip() for line in capsys.readouterr().out.splitlines() if "│" in line)
    assert "somebody.with.a.long.name@a-long-name-of-a-company.example" in shown


HELLO = "From: a@b.example\r\nSubject: Hei\r\n\r\nHei"


def test_a_mail_that_is_piped_in_is_kept_with_its_envelope_listed_and_tried_again(tmp_path: Path) -> None:
    database = {"INVITO_DATABASE_URL": f"sqlite:///{tmp_path / 'mail.sqlite3'}"}
    (tmp_path / "mail").write_text(HELLO)
    invito(tmp_path, "migrate", **database)

    taken = invito(tmp_path, "mail", "receive", "mail", "--from", "<>", "--to", "invito+x@y.example", **database)
    again = invito(tmp_path, "mail", "receive", "mail", **database)
    listed = invito(tmp_path, "mail", "received", "--outcome", "NOT_OURS", **database)
    none = invito(tmp_path, "mail", "received", "--outcome", "QUARANTINED", **database)
    retried = [invito(tmp_path, "mail", "retry", number, **database) for number in ("1", "7")]

    assert (taken.returncode, again.returncode) == (0, 0)
    assert taken.stdout == "NOT_OURS: There is no calendar in it.\n"
    assert again.stdout.startswith("DUPLICATE: The same mail came in before, as 1 of `invito mail received`.")
    assert ("a@b.example" in listed.stdout, "a@b.example" in none.stdout) == (True, False)
    assert [(one.returncode, one.stdout) for one in retried] == [(0, taken.stdout), (1, "")]
    with sqlite3.connect(tmp_path / "mail.sqlite3") as connection:
        rows = connection.execute("SELECT envelope_from, envelope_to, CAST(raw AS TEXT) FROM inbox").fetchall()
    assert rows == [("", '["invito+x@y.example"]', HELLO)]


def test_a_mail_that_no_worker_has_read_is_listed_as_waiting_and_read_where_it_is_tried(tmp_path: Path) -> None:
    secret, moment = "a secret that a provider and this service share", int(datetime.now(UTC).timestamp())
    signed = {
        "webhook-id": "1",
        "webhook-timestamp": str(moment),
        "webhook-signature": signature(secret, "1", moment, HELLO.encode()),
        "x-envelope-from": "a@b.example",
    }
    with taken_port() as port:
        pass
    inbound = {"INVITO_INBOUND_SECRET": secret, "INVITO_MAIL_WORKER": "false"}
    with serving(tmp_path, "--port", str(port), logs="mail", **TOKENS, **inbound):
        httpx2.post(f"http://127.0.0.1:{port}/mail/inbound", content=HELLO, headers=signed).raise_for_status()
    listed = invito(tmp_path, "mail", "received")
    read = invito(tmp_path, "mail", "received", "--outcome", "NOT_OURS")
    retried = invito(tmp_path, "mail", "retry", "1")
    again = invito(tmp_path, "mail", "received")

    assert re.search(r"1\s.*a@b\.example.*WAITING\s+No worker has read it yet", listed.stdout)
    assert "a@b.example" not in read.stdout
    assert retried.stdout == "NOT_OURS: There is no calendar in it.\n"
    assert ("NOT_OURS" in again.stdout, "WAITING" in again.stdout) == (True, False)


@pytest.mark.parametrize(
    "settings",
    [
        {"INVITO_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/away"},
        {"INVITO_DATABASE_URL": "sqlite:///not-there.sqlite3"},
        {"INVITO_DATABASE_URL": "sqlite:///not-there.sqlite3", "INVITO_TIME_ZONE": "Nowhere"},
        {"INVITO_PLUGINS": "no_such_plugin"},
    ],
    ids=["away", "missing", "wrong setting", "missing plugin"],
)
def test_a_mail_server_is_told_to_bring_a_mail_again_that_could_not_be_kept(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    (tmp_path / "mail").write_text(HELLO)
    migrated = f"sqlite:///{tmp_path / 'mail.sqlite3'}"
    invito(tmp_path, "migrate", INVITO_DATABASE_URL=migrated)

    done = invito(tmp_path, "mail", "receive", "mail", **({"INVITO_DATABASE_URL": migrated} | settings))

    assert done.returncode == 75
    assert done.stderr
