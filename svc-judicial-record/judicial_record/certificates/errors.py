"""Failures of certificates.

Problem
├── 409 CertificateEnded
├── 422 NoSuchSuccessor
└── (shared) 404 NotFound, 409 IllegalTransition, 503 UpstreamUnavailable, Overloaded
"""

from chassis.errors import Problem, Text


class CertificateEnded(Problem):
    status = 409
    code = "certificate_ended"
    fault = "caller"
    retry = "no"
    title = Text(vi="Phiếu không còn giá trị", en="The certificate is no longer valid")
    cause = Text(
        vi="Phiếu đã bị thu hồi hoặc đã được thay thế bằng Phiếu khác.",
        en="The certificate was revoked, or another one has taken its place.",
    )
    remedy = Text(
        vi="Liên hệ cơ quan cấp Phiếu hoặc nộp yêu cầu cấp Phiếu mới.",
        en="Ask the issuing office, or apply for a new certificate.",
    )


class NoSuchSuccessor(Problem):
    status = 422
    code = "no_such_successor"
    fault = "caller"
    retry = "no"
    title = Text(vi="Phiếu thay thế không phù hợp", en="The succeeding certificate does not fit")
    cause = Text(
        vi="Phiếu thay thế phải còn giá trị, cùng loại, cùng người và cùng cơ quan cấp.",
        en="It has to be valid, of the same form, person and office.",
    )
    remedy = Text(
        vi="Kiểm tra lại số Phiếu thay thế, hoặc thu hồi mà không nêu Phiếu thay thế.",
        en="Check its number, or revoke without naming a successor.",
    )


PROBLEMS = (CertificateEnded, NoSuchSuccessor)
