"""`lienthong sign`: what a request must carry to be signed by a client of the sandbox (RFC 9421)."""

from chassis.http_signatures import sign
from chassis.keys import SigningKey
from deploy.cli.stack import CommandFailed, RunningStack


def signed_headers(
    stack: RunningStack, name: str, method: str, target: str, body: bytes, content_type: str
) -> dict[str, str]:
    """Return the headers of one attempt at a request, signed with the client's own key.

    `target` is a path of the gateway (`/v1/…`, with its query) or a whole address. With a body its
    `content-type` is among the headers, because it is signed too. Each attempt is signed anew.

    Raises:
        CommandFailed: nothing runs and only a path was given, or the client has no key here.
    """
    url = f"{stack.public_url}{target}" if target.startswith("/") else target
    headers = {"content-type": content_type} if body else {}
    return sign(method, url, headers, body, key=_key_of(stack, name), keyid=name)


def _key_of(stack: RunningStack, name: str) -> SigningKey:
    folder = stack.layout.clients
    known = sorted(file.stem for file in folder.glob("*.jwk"))
    if name not in known:  # not by the path: a name is no path
        raise CommandFailed(f"no client called {name} has a key in {folder}; there are: {', '.join(known)}")
    return SigningKey.from_file(folder / f"{name}.jwk")
