"""What can go wrong between the gateway and a service.

UpstreamFailure
├── ConnectFailed          no connection: nothing was sent, a safe method may be tried once more
├── PoolExhausted          every connection stayed busy: the service is alive and full
├── ConnectionLost         closed by the service; `answered` says whether any byte had come back
├── AnswerTimeout          connected, but no (or no further) byte within the limit
└── AnswerUnreadable       the service broke HTTP/1.1
ClientStalled              the caller stopped sending its body, or went away
"""


class UpstreamFailure(Exception):
    """The service did not answer properly. `answered`: some byte of the answer had arrived."""

    def __init__(self, reason: str, *, answered: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.answered = answered


class ConnectFailed(UpstreamFailure):
    """No connection within the limit, or refused."""


class PoolExhausted(UpstreamFailure):
    """No connection became free within the limit."""


class ConnectionLost(UpstreamFailure):
    """The service closed the connection before its answer was whole."""


class AnswerTimeout(UpstreamFailure):
    """The answer, or its next part, did not come within the limit."""


class AnswerUnreadable(UpstreamFailure):
    """The answer was not HTTP/1.1."""


class ClientStalled(Exception):
    """The caller sent no further byte of its body within the limit."""


class ClientGone(Exception):
    """The caller closed its connection before it had its answer."""
