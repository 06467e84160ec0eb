"""What can go wrong with a payment, as callers see it.

Problem
└── 503 PaymentPlatformRefused
"""

from chassis.errors import Problem, Text


class PaymentPlatformRefused(Problem):
    status = 503
    code = "payment_platform_refused"
    default_headers = (("retry-after", "60"),)
    fault = "peer"
    retry = "later"
    title = Text(
        vi="Nền tảng thanh toán không nhận khoản nộp này", en="The payment platform refuses this payment"
    )
    cause = Text(
        vi="Nền tảng thanh toán đã trả lời và từ chối mở khoản nộp; hồ sơ không thay đổi.",
        en="The payment platform answered and refused to open the payment; the case has not changed.",
    )
    remedy = Text(
        vi="Thử lại sau; nếu vẫn bị từ chối, gọi bộ phận hỗ trợ kèm mã theo dõi.",
        en="Try again later; if it is refused again, give the trace id to support.",
    )
