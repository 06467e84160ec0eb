"""`python -m deploy.contracts` writes the generated contracts; `--check` fails on drift and on a break."""

import argparse
import sys
from pathlib import Path

from deploy.contracts.artifacts import documents, leftovers, texts
from deploy.contracts.guard import drift, unaccepted_breaks

ROOT = Path(__file__).resolve().parents[3]


def main(arguments: list[str] | None = None) -> int:
    """Write or check the contracts; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.contracts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on drift and on a break")
    options = parser.parse_args(arguments)
    proto = ROOT / "proto"
    built = documents()
    wanted = texts(proto, built)
    breaks = unaccepted_breaks(
        ROOT, built
    )  # before writing: without git, the files themselves are the baseline
    status = 0
    if options.check:
        for file in drift(proto, wanted, leftovers(proto, built)):
            print(f"proto/{file} differs from the code: run `make contracts`", file=sys.stderr)
            status = 1
    else:
        for file, text in wanted.items():
            target = proto / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        for file in leftovers(proto, built):
            (proto / file).unlink()
    for found in breaks:
        print(f"breaking change in proto/{found}", file=sys.stderr)
        status = 1
    if status == 0:
        print(f"{len(wanted)} contract files {'agree with' if options.check else 'written from'} the code")
    return status


if __name__ == "__main__":
    sys.exit(main())
