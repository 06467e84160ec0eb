"""How a call to a peer can end, beside success. Each is a different duty afterwards, so none is a guess.

PeerFailure
├── PeerAway          certainly not taken: nobody listened, or nothing was changed by what was asked
├── OutcomeUnknown    sent, and no readable answer came: asked about before anything is sent again
├── PeerRefused       a readable no
│   └── NotMapped     ours: a value has no word in the peer's dialect, so nothing was sent
└── EndpointGone      the receiver wants nothing any more (HTTP 410)
"""


class PeerFailure(Exception):
    """A call that did not succeed. `code` is stable and free of personal data, `detail` for operators."""

    is_final = False
    """Whether trying again cannot help until somebody has mended something."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail[:500]


class PeerAway(PeerFailure):
    """The peer did not take it, for a reason that passes."""


class OutcomeUnknown(PeerFailure):
    """The peer may or may not have taken it."""


class PeerRefused(PeerFailure):
    """The peer said no."""


class NotMapped(PeerRefused):
    """A value has no counterpart in the peer's dialect; an empty string is never sent in its place."""

    is_final = True

    def __init__(self, field: str) -> None:
        super().__init__("not_mapped", field)


class EndpointGone(PeerRefused):
    """The receiver answered 410: it is disabled."""

    is_final = True
