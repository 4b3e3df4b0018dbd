"""Behind a real nginx with the configuration of docs/operations.md, under a path of its own."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx2
import pytest
from gql import Client
from gql.transport.websockets import WebsocketsTransport

from tests.conftest import missing
from tests.e2e.conftest import KARI, request, served_at
from tests.free_ports import free_port
from tests.mail_servers import wait_for_port

DOCS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
INVITE = """
mutation { createFollowUp(input: {
  type: APPOINTMENT, title: "Kaffe", start: "2030-05-14T10:00", emailInvitations: true,
  invitees: [{participant: {email: {address: "siri@kunde.example"}}}]
}) { followUp { id } errors { message } } }
"""
WATCH = """
subscription ($id: ID!) { followUpChanged(id: $id) {
  participants { nodes { emailInvitation { delivery } } }
} }
"""
# Its workers may read a folder of root's where it is root who runs the tests.
_WHOLE = "user root;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}\n{site}\n}}\n"
_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Proxied:
    """Invito as it is reached by the proxy, and directly; and the folder that its mails go to."""

    url: str
    direct: str
    mails: Path


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied")
    front, port = free_port(), free_port()
    url = f"http://localhost:{front}/invito"
    (settings,) = re.findall(r"```sh\n(INVITO_PUBLIC_URL=.*?)```", DOCS, re.DOTALL)
    told = dict(line.split("=", 1) for line in settings.replace("http://localhost:8080/invito", url).split())
    with ExitStack() as running:
        running.enter_context(_nginx(folder, front, port))
        running.enter_context(
            served_at(port, f"sqlite:///{folder}/a.sqlite3", folder / "log", INVITO_MAIL_DELAY_SECONDS="0", **told)
        )
        yield Proxied(url, f"http://127.0.0.1:{port}", folder / "mail")


def test_a_query_is_answered_under_the_path(proxied: Proxied) -> None:
    answer = httpx2.post(
        f"{proxied.url}/graphql", json={"query": "{ viewer { employee { email } } }"}, headers={"X-Invito-Viewer": KARI}
    )

    assert answer.json()["data"] == {"viewer": {"employee": {"email": KARI}}}


async def test_a_subscription_tells_of_the_mail_whose_link_leads_to_the_answer_page(proxied: Proxied) -> None:
    transport = WebsocketsTransport(
        f"{proxied.url}/graphql".replace("http", "ws", 1), init_payload={"X-Invito-Viewer": KARI}
    )

    async with Client(transport=transport) as session:
        created = await session.execute(request(INVITE))
        id_ = created["createFollowUp"]["followUp"]["id"]
        async with aclosing(session.subscribe(request(WATCH, id=id_))) as events:
            async for event in events:
                if _is_sent(event):
                    break
    link = _link_of(proxied.mails)
    page, answered = httpx2.get(link), httpx2.post(link, data={"answer": "accept"})

    assert link.startswith(f"{proxied.url}/answer/")
    assert "Kaffe" in page.text
    # The form goes to where it was shown: nothing of the page leads out of the path.
    assert not re.findall(r'(?:href|src|action)="/', page.text)
    assert answered.status_code == 200


def test_the_links_of_the_start_page_lead_to_what_it_names(proxied: Proxied) -> None:
    page = httpx2.get(f"{proxied.url}/").text

    links = re.findall(r'href="([^"#]+)"', page)
    relative = [link for link in links if "://" not in link]
    assert f"{proxied.url}/graphql" in page
    assert f"{proxied.url}/graphql".replace("http", "ws", 1) in page
    assert relative == ["graphiql"]
    # Nothing here is packed with GraphiQL: it says then how to build it, under that very address.
    assert "GraphiQL" in httpx2.get(f"{proxied.url}/graphiql").text


def test_what_a_client_says_of_itself_is_overwritten_by_the_proxy(proxied: Proxied) -> None:
    page = httpx2.get(f"{proxied.url}/", headers={"X-Forwarded-Proto": "https"})

    assert "https://localhost" not in page.text


@pytest.mark.parametrize(
    ("trusted", "scheme"), [("127.0.0.1", "https"), ("127.0.0.0/8", "https"), ("192.0.2.1", "http"), ("", "http")]
)
def test_forwarded_headers_are_believed_from_trusted_proxies_alone(tmp_path: Path, trusted: str, scheme: str) -> None:
    port = free_port()
    database = f"sqlite:///{tmp_path}/a.sqlite3"

    with served_at(port, database, tmp_path / "log", INVITO_TRUSTED_PROXIES=trusted):
        page = httpx2.get(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-Proto": "https"}).text

    assert f"{scheme}://127.0.0.1:{port}/graphql" in page


@contextmanager
def _nginx(folder: Path, front: int, port: int) -> Iterator[None]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin")
    if program is None:
        missing("nginx is not installed: apt install nginx-light")
    (site,) = re.findall(r"```nginx\n(.*?)```", DOCS, re.DOTALL)
    site = site.replace("127.0.0.1:8080", f"127.0.0.1:{front}").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    paths = "\n".join(f"{name}_temp_path {folder}/{name};" for name in _PATHS)
    configuration = folder / "nginx.conf"
    configuration.write_text(_WHOLE.format(folder=folder, paths=paths, site=site))
    command = [program, "-e", str(folder / "nginx.log"), "-c", str(configuration), "-g", "daemon off;"]
    process = subprocess.Popen(command)
    try:
        wait_for_port(front, process, folder / "nginx.log")
        yield
    finally:
        process.terminate()
        process.wait()


def _is_sent(event: dict[str, Any]) -> bool:
    nodes = event["followUpChanged"]["participants"]["nodes"]
    return any(one["emailInvitation"] and one["emailInvitation"]["delivery"] == "SENT" for one in nodes)


def _link_of(mails: Path) -> str:
    (mail,) = (message_from_bytes(file.read_bytes(), policy=default) for file in mails.rglob("*.eml"))
    text = mail.get_body(("plain",))
    assert text is not None
    link = re.search(r"https?://\S+/answer/[^\s?]+", text.get_content())
    assert link is not None
    return link[0]
