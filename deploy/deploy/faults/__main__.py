"""`make faults`: parts are killed under load, sets are compared; exit code 1 when a property fails."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from deploy.faults.case_run import CaseOutcome, CaseRun
from deploy.faults.comparison import Check
from deploy.faults.load import Refused
from deploy.faults.scenario import FaultRun, Outcome, Unmet
from deploy.local.child_stack import ChildStack
from deploy.local.process import StartError

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Run against a stack of its own and print the figures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often every part is killed")
    parser.add_argument("--per-second", type=float, default=25.0, help="visits sent per second")
    parser.add_argument(
        "--run", choices=("visits", "cases", "both"), default="both", help="which of the two runs"
    )
    arguments = parser.parse_args()
    holds: list[bool] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lienthong-faults-") as folder:
        stack = ChildStack(Path(folder) / "var")
        try:
            say("starting a stack of its own")
            stack.start()
            if arguments.run != "cases":
                run = FaultRun(stack, say, rounds=arguments.rounds, per_second=arguments.per_second)
                outcome = asyncio.run(run.run())
                report(outcome)
                holds.append(outcome.holds)
            if arguments.run != "visits":
                cases = asyncio.run(CaseRun(stack, say).run())
                report_cases(cases)
                holds.append(cases.holds)
        except (StartError, Unmet, Refused) as failure:
            console.print(f"[red]✗ {escape(str(failure))}[/]")
            console.print(escape("\n".join(stack.said().splitlines()[-15:])))
            return 1
        finally:
            stack.delete()
    console.print(f"\n{time.monotonic() - began:.0f} s in all")
    return 0 if all(holds) else 1


def say(text: str) -> None:
    console.print(f"[bold]»[/] {escape(text)}")


def report(outcome: Outcome) -> None:
    """Print every figure of a run."""
    console.print("\n[bold]killed (SIGKILL)   back after   longest silence   acknowledged since[/]")
    for outage in outcome.outages:
        console.print(
            f"{outage.victim:<18} {outage.back_seconds:>8.1f} s   {outage.silence_seconds:>13.1f} s"
            f"   {outage.acknowledged:>18}"
        )
    answers = ", ".join(f"{count} × {answer}" for answer, count in sorted(outcome.answers.items()))
    console.print(f"\nanswers to the hospital: {answers}; sent again: {outcome.retries}")
    for line in outcome.fault_lines:
        console.print(f"[red]{escape(line)}[/]")
    _print_checks("after the kills", outcome.checks)
    wipe = outcome.wipe
    console.print("\n[bold]NATS's whole store deleted[/]")
    console.print(f"held {wipe.held} events, {wipe.unread} of them unread by the stopped consumer")
    console.print(
        f"holds {wipe.restored} again; every consumer caught up {wipe.caught_up_seconds:.1f} s after"
    )
    for state in wipe.consumers:
        console.print(
            f"  {state.stream}/{state.name}: {state.acknowledged} of {state.last} acknowledged,"
            f" {state.pending} pending"
        )
    _print_checks("after the loss of the store", outcome.checks_after_wipe)


def report_cases(outcome: CaseOutcome) -> None:
    """Print every figure of a run over cases."""
    console.print("\n[bold]step     killed (SIGKILL)       past the step then   back after[/]")
    for kill in outcome.kills:
        console.print(
            f"{kill.step:<8} {kill.victim:<22} {kill.done:>8} of {outcome.cases:<7}"
            f" {kill.back_seconds:>8.1f} s"
        )
    answers = ", ".join(f"{count} × {answer}" for answer, count in sorted(outcome.answers.items()))
    console.print(f"\nanswers: {answers}; sent again: {outcome.retries}; {outcome.seconds:.0f} s")
    for trace in outcome.faults:
        console.print(f"[red]answer 500: {escape(trace)}[/]")
    _print_checks("applications and dossiers, paid to pushed", outcome.checks)


def _print_checks(title: str, checks: tuple[Check, ...]) -> None:
    console.print(f"\n[bold]{title}[/]")
    for check in checks:
        mark = "[green]✓[/]" if check.holds else "[red]✗[/]"
        wanted = "" if check.holds else f"  (wanted {check.wanted})"
        console.print(f"{mark} {check.name:<32} {check.figure:>6}{wanted}")


if __name__ == "__main__":
    sys.exit(main())
