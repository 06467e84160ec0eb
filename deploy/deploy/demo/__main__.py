"""`python -m deploy.demo`: exit code 0 only when every claim of the story holds.

May be told again and again: each telling makes visits of its own.
"""

import sys
import time

import httpx2

from deploy.cli.stack import CommandFailed, RunningStack
from deploy.demo.narrator import ClaimBroken, Narrator
from deploy.demo.stage import Stage
from deploy.demo.story import STEPS


def main() -> int:
    """Tell the story on the running system; return the exit code."""
    tell = Narrator()
    began = time.monotonic()
    tell.title(
        "Liên Thông: từ tệp của bệnh viện đến sổ sức khỏe trong tay người dân",
        "From a hospital's file to the health book in the citizen's hand",
    )
    try:
        stage = Stage.set_up(RunningStack.of_this_clone())
        with stage.http:
            for step in STEPS:
                step(stage, tell)
    except (ClaimBroken, CommandFailed, httpx2.HTTPError, KeyError, IndexError, ValueError) as failure:
        tell.broken(failure)
        return 1
    seconds = time.monotonic() - began
    url = stage.stack.public_url
    tell.end(
        [
            f"[bold green]{tell.held} điều đã kiểm, đúng cả[/] [dim]· all claims hold ({seconds:.1f} s)[/]",
            f"[dim]Xem tiếp / look around: {url}/sandbox · {url}/docs[/]",
        ]
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
