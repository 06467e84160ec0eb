"""`python -m deploy.sandbox serve`: the national peers, on one port."""

import asyncio
import sys

import uvicorn
from pydantic import ValidationError

from deploy.sandbox.app import NotInProduction, create_app
from deploy.sandbox.settings import SandboxSettings


def main(arguments: list[str]) -> int:
    """Serve until told to stop; return the exit code."""
    if arguments != ["serve"]:
        print("usage: python -m deploy.sandbox serve", file=sys.stderr)
        return 2
    try:
        settings = SandboxSettings()
        app = create_app(settings)
    except ValidationError as error:
        for fault in error.errors(include_input=False):
            print(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}", file=sys.stderr)
        return 1
    except NotInProduction as error:
        print(error, file=sys.stderr)
        return 1
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    asyncio.run(uvicorn.Server(config).serve())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
