"""`python -m gateway serve`: the only verb, since the gateway owns no database and no queue."""

import argparse
import asyncio
import sys

import uvloop

from chassis import logging as chassis_logging
from chassis import telemetry
from chassis.settings import SettingsIncomplete, load
from gateway.assembly import serve
from gateway.settings import GatewaySettings


def main() -> None:
    """Run the verb and exit: 0 stopped in order, 1 failed, 2 wrongly called or settings incomplete."""
    parser = argparse.ArgumentParser(prog="gateway")
    parser.add_argument("verb", choices=("serve",))
    parser.parse_args()
    try:
        settings = load(GatewaySettings)
    except SettingsIncomplete as failure:
        print(f"gateway: {failure}", file=sys.stderr)
        sys.exit(2)
    chassis_logging.configure(service="gateway", level=settings.log_level)
    provider = telemetry.configure(
        service="gateway",
        otlp_endpoint=settings.otlp_endpoint,
        sampling_ratio=settings.trace_sampling_ratio,
    )
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    except (OSError, ValueError) as refusal:
        print(f"gateway: {type(refusal).__name__}: {refusal}", file=sys.stderr)
        sys.exit(1)
    finally:
        provider.shutdown()


if __name__ == "__main__":
    main()
