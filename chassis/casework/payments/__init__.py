"""Payments of cases at the national payment platform (`service.Payments`, `service.settle`)."""

from casework.payments.errors import PaymentPlatformRefused
from casework.payments.models import NoticeResult, Outcome, PaymentState, PaymentView
from casework.payments.platform import PaymentLine, PaymentNotice, PlatformClient
from casework.payments.service import Payments, settle
from casework.payments.tables import create_payment_tables

__all__ = [
    "NoticeResult",
    "Outcome",
    "PaymentLine",
    "PaymentNotice",
    "PaymentPlatformRefused",
    "PaymentState",
    "PaymentView",
    "Payments",
    "PlatformClient",
    "create_payment_tables",
    "settle",
]
