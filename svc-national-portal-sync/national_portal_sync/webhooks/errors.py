"""Failures of webhook endpoints.

Problem
├── 409 TooManyEndpoints
└── 422 WebhookUrlRefused
"""

from chassis.errors import Problem, Text


class TooManyEndpoints(Problem):
    """The client has as many endpoints as one may have."""

    status = 409
    code = "too_many_endpoints"
    fault = "caller"
    retry = "no"
    title = Text(vi="Đã đủ số điểm nhận", en="There are enough endpoints already")
    cause = Text(
        vi="Mỗi hệ thống có tối đa 10 điểm nhận đang mở.", en="A system has at most 10 open endpoints."
    )
    remedy = Text(vi="Xóa một điểm nhận không còn dùng.", en="Delete an endpoint that is no longer used.")


class WebhookUrlRefused(Problem):
    """No message is sent to this address."""

    status = 422
    code = "webhook_url_refused"
    fault = "caller"
    retry = "no"
    title = Text(vi="Địa chỉ nhận không được chấp nhận", en="The address is not accepted")
    cause = Text(
        vi="Chỉ gửi đến địa chỉ https công khai, phân giải được tên miền, không kèm tài khoản.",
        en="Messages go only to public https addresses whose name resolves, without credentials in them.",
    )
    remedy = Text(
        vi="Dùng một địa chỉ https công khai của hệ thống nhận.",
        en="Use a public https address of the receiving system.",
    )
