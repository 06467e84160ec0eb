"""The problems that only the edge can have, beside the shared ones of `chassis.errors`.

Problem
├── 400 MalformedRequest    the request as such breaks HTTP, or could be read in two ways
└── 408 RequestTimeout      the caller stopped sending
"""

from chassis.errors import Problem, Text


class MalformedRequest(Problem):
    """Refused by the edge before any service sees it. The connection ends with it: after a request that could
    be read in two ways nobody knows where the next one begins.
    """

    status = 400
    code = "malformed_request"
    fault = "caller"
    retry = "no"
    title = Text(vi="Yêu cầu HTTP không hợp lệ", en="The HTTP request is malformed")
    cause = Text(
        vi="Yêu cầu sai cú pháp HTTP/1.1 hoặc có thể bị hiểu theo hai cách: độ dài khai báo hai lần, "
        "tiêu đề lặp, đường dẫn có “..” hoặc dấu phân cách được mã hóa.",
        en="The request breaks HTTP/1.1 or could be read in two ways: a length declared twice, a "
        "repeated header, "
        "a path with “..” or with an encoded separator.",
    )
    remedy = Text(
        vi="Dùng một thư viện HTTP thông dụng và gửi đường dẫn đúng như tài liệu API.",
        en="Use a common HTTP library and send the path as the API document shows it.",
    )

    def __init__(self, reason: str = "not HTTP/1.1") -> None:
        super().__init__(headers={"connection": "close"}, reason=reason)


class RequestTimeout(Problem):
    """The caller's body did not arrive in time."""

    status = 408
    code = "request_timeout"
    fault = "caller"
    retry = "same"
    title = Text(vi="Hết thời gian nhận yêu cầu", en="The request took too long to arrive")
    cause = Text(
        vi="Nội dung yêu cầu ngừng được gửi trước khi đủ độ dài.",
        en="The body stopped arriving before it was complete.",
    )
    remedy = Text(
        vi="Kiểm tra đường truyền rồi gửi lại với cùng Idempotency-Key.",
        en="Check the connection, then send it again with the same Idempotency-Key.",
    )
