"""A real DNS server for tests, on a free port of the loopback, with the records of one zone."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.free_ports import free_port
from tests.mail_servers import missing, wait_for_port

_PATIENCE_SECONDS = 20
_CONFIGURATION = """
server:
    ip-address: 127.0.0.1@{port}
    zonesdir: "{folder}"
    logfile: "{folder}/log"
    pidfile: ""
    database: ""
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    zonelistfile: "{folder}/zones.list"
    chroot: ""
    username: ""
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: "{zone}"
    zonefile: "zone"
"""
_HEAD = """
$TTL 60
@ IN SOA ns hostmaster 1 60 60 60 60
@ IN NS ns
ns IN A 127.0.0.1
"""


@contextmanager
def running_nsd(zone: str, *records: str) -> Iterator[int]:
    """The port of a server that is up and knows these lines of a zone file; its log is shown where a test fails."""
    nsd = shutil.which("nsd") or shutil.which("nsd", path="/usr/sbin")
    if nsd is None:
        missing("NSD is not installed (apt-get install nsd)")
    assert nsd is not None
    with tempfile.TemporaryDirectory(prefix="nsd-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        (folder / "nsd.conf").write_text(_CONFIGURATION.format(port=port, folder=folder, zone=zone))
        (folder / "zone").write_text("\n".join([f"$ORIGIN {zone}.", _HEAD, *records, ""]))
        command = [nsd, "-d", "-c", str(folder / "nsd.conf")]
        with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, env=os.environ) as process:
            try:
                wait_for_port(port, process, folder / "log")
                yield port
            finally:
                process.terminate()
                process.wait(_PATIENCE_SECONDS)
                sys.stderr.write((folder / "log").read_text())


def txt(name: str, text: str) -> str:
    """The line of a TXT record, in pieces of 255 characters (RFC 1035 §3.3.14)."""
    pieces = [text[first : first + 255] for first in range(0, len(text), 255)] or [""]
    quoted = " ".join(f'"{piece}"' for piece in pieces)
    return f"{name} IN TXT {quoted}"
