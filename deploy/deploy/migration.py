"""`make migration S=dossier m="add rating"`: a numbered revision of a service, and its name in `HEAD`."""

import re
import sys

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from deploy.local.layout import ROOT


def main(service: str, message: str) -> int:
    """Write the revision; the exit code."""
    home = ROOT / f"svc-{service}"
    words = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    if not (home / "alembic.ini").exists() or not words:
        print('make migration S=<service without "svc-"> m="<verb noun>"', file=sys.stderr)
        return 2
    config = Config(home / "alembic.ini")
    last = ScriptDirectory.from_config(config).get_current_head() or "0000"
    name = f"{int(last[:4]) + 1:04d}_{words}"
    command.revision(config, message=message, rev_id=name)
    (home / "migrations" / "HEAD").write_text(f"{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
