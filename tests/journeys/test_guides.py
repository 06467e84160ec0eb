"""The integration guides run as written: every command, in order, against a stack of its own."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.child_stack import ChildStack

pytestmark = pytest.mark.journey
ROOT = Path(__file__).resolve().parents[2]
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)

SAID = {
    "hospital": (
        '"id":null,"state":"done"',  # tried without keeping anything
        '"state":"done"',  # sent
        '"accepted":0,"unchanged":1',  # sent again
        '"superseded":1',  # corrected
        "kept byte for byte",
        '"type":"transaction-response"',
        '"status":"200\n',  # the same Bundle again
        '"value":7.20',
        '"code":"malformed_body"',
        '"code":"other_facility"',
    ),
    "mobile": (
        '"authorization_endpoint"',
        "oauth2/authorize?",
        '"personal_id":"001085000017"',
        '"visits":[{"visit_id"',
        '"latest_visits":[{',
        '"items":[{',
        "\n304\n",
        "awaiting_payment\n200000\n",
        '"state":"pending"',
        "Working day 3",
        "proposed\nissued\n",
        '"status":"valid"',
        "paper-1 required",
        '"pointer":"/attachments/paper-1"',
        "\nSubmitted\n",
        '"name":"submitted"',
        "Withdrawal requested",
        '"kind":"certificate_issued"',
        '"kind":"visit_',
        "\n200\n",
        '"code":"not_found"',
        '"outcome":"refused"',
        "insufficient_user_authentication",
        '"kind":"child"',
        '"issued_token_type"',
        "thay mặt Công ty TNHH Dược Mẫu",
    ),
    "agency": (
        '"name":"Hoàng Anh Tuấn"',
        '"lane":"fast"',
        "clear\n3 working days\n",
        '"code":"illegal_transition"',  # signing what nobody proposed
        "proposed\n",
        '"code":"role_missing"',  # the proposer signs
        "issued\n",
        "thay mặt Công ty TNHH Dược Mẫu",
        "awaiting_payment\naccepted\n",
        "accepted\nprocessing\nawaiting_supplement\n",
        '"code":"illegal_transition"',  # signing while waiting
        "processing\nreturned\n",
        "%PDF-1.",
        "valid ['Nguyễn Thị Mai', 'Cục Quản lý Dược']",
        '"source":"toa-an"',
    ),
    "province": (
        "signature-input: sig=",
        '"code":"unknown_dossier"',  # well signed
        "signature_missing\nsignature_invalid\n",
        '"secret":"whsec_',
        '"outcome":"received"',
        '"outcome":"unchanged"',
        '"status":4,"status_version":2',
        '"type":"vn.lienthong.dossier.status-changed.v1"',
        "2 arrivals, 1 webhook-id, all verified",
        '"kind":"missing_at_peer"',
        '"breaker":"closed"',
        "\n204\n",
    ),
    "verifier": (
        "proposed\nissued\n",
        "<title>Check a judicial-record certificate",
        '"status":"valid"',
        "altered\nunknown\n",
        "valid\nunknown\n",
        "Lê Thị Lan | INTACT:TRUSTED",
        '"status":"revoked"',
        '"status":"revoked"',
    ),
}


@pytest.fixture
def clone(running_stack: ChildStack, tmp_path: Path) -> Path:
    """A folder that looks like a clone in which `make run` runs: the guides name files relative to it."""
    for name in (".venv", "deploy", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "var").symlink_to(running_stack.layout.var)
    return tmp_path


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guides' commands need curl")
@pytest.mark.parametrize("guide", SAID)
def test_guide_runs_as_written(running_stack: ChildStack, clone: Path, guide: str) -> None:
    text = (ROOT / "docs" / "integrating" / f"{guide}.md").read_text("utf-8")
    script = "\n".join(["set -eu -o pipefail", *COMMANDS.findall(text)])

    done = subprocess.run(
        ["bash", "-c", script],
        cwd=clone,
        env=running_stack.environment,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    place = 0
    for words in SAID[guide]:
        found = done.stdout.find(words, place)
        assert found >= 0, f"{words!r} is not said after {done.stdout[:place][-400:]!r}"
        place = found + len(words)
