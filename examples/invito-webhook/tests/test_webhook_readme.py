"""The README says what is so, and its commands do what it says."""

import json
import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from invito_webhook import settings_model
from invito_webhook.messages import EVENT_TYPES, message_of
from invito_webhook.settings import Endpoint
from invito_webhook.signing import key_of, new_secret, signed_headers
from webhook_endpoints import CHANGED

from invito.plugins import ParticipantsInvited

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_it_has_all_settings_as_they_are() -> None:
    lines = []
    for name, field in settings_model.model_fields.items():
        default = field.default.get_secret_value() if name == "database_url" else field.default
        unset = f"`{default}`" if default != () else ""
        lines.append(f"| `INVITO_WEBHOOK_{name.upper()}` | {unset} | {field.description} |")

    assert "\n".join(lines) in README


def test_it_has_all_that_an_endpoint_has_and_all_types() -> None:
    for name in (*Endpoint.model_fields, *EVENT_TYPES.values()):
        assert re.search(rf"^\|[^|]*`{re.escape(name)}`", README, re.MULTILINE), name


def test_its_example_is_a_message() -> None:
    shown = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])  # type: ignore[index]  # it is there
    event = ParticipantsInvited(
        shown["data"]["follow_up_uid"],
        tuple(shown["data"]["references"]),
        datetime.fromisoformat(shown["timestamp"]),
    )

    assert json.loads(message_of(event).body) == shown


def test_its_shell_command_makes_the_signature_that_is_posted() -> None:
    command = re.search(r"```sh\n(printf .*?)```", README, re.DOTALL)
    assert command is not None
    secret, message = new_secret(), message_of(CHANGED)
    headers = signed_headers(message.id, message.body, [key_of(secret)], datetime.now(UTC))
    given = {"secret": secret, "id": message.id, "timestamp": headers["webhook-timestamp"], "body": message.body}

    done = subprocess.run(["sh", "-c", command[1]], env=os.environ | given, capture_output=True, text=True, check=True)

    assert f"v1,{done.stdout.strip()}" == headers["webhook-signature"]
