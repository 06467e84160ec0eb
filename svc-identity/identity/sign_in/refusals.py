"""How a sign-in can end without a code: each with the page that says so.

SignInRefused
├── RequestUnusable     400  the client's request cannot be trusted enough to go back to it
├── SignInOver          400  unknown, finished or expired
├── OtherBrowser        400  begun in another browser
├── CodeRefused         400  VNeID does not take the code
├── LevelNotReached     403  the account's level is below the one asked for
├── OrganisationAccount 403  an organisation can do nothing in this app
├── StaffRoleMissing    403  the roles of a member of staff do not suffice
├── RecordsToBeJoined   409  account and number lead to two people
├── UpstreamUntrusted   502  VNeID's answer does not hold
├── UpstreamDown        503  VNeID does not answer
└── Busy                503  too many sign in at once
"""

from typing import ClassVar


class SignInRefused(Exception):
    """A sign-in that ends on a page. `return_url` leads back to the client where that is safe.

    `reason` is for the log only. `page` is the key of the words in `pages/words.py`.
    """

    status: ClassVar[int] = 400
    page: ClassVar[str]
    error: ClassVar[str] = "access_denied"
    headers: ClassVar[dict[str, str]] = {}

    def __init__(
        self, reason: str = "", *, return_url: str | None = None, language: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.return_url = return_url
        self.language = language


class RequestUnusable(SignInRefused):
    page = "request_unusable"
    error = "invalid_request"


class SignInOver(SignInRefused):
    page = "sign_in_over"
    error = "invalid_request"


class OtherBrowser(SignInRefused):
    page = "other_browser"
    error = "invalid_request"


class CodeRefused(SignInRefused):
    page = "code_refused"


class LevelNotReached(SignInRefused):
    status = 403
    page = "level_not_reached"
    error = "unmet_authentication_requirements"


class OrganisationAccount(SignInRefused):
    status = 403
    page = "organisation_account"


class StaffRoleMissing(SignInRefused):
    status = 403
    page = "staff_role_missing"


class RecordsToBeJoined(SignInRefused):
    status = 409
    page = "records_to_be_joined"


class UpstreamUntrusted(SignInRefused):
    status = 502
    page = "upstream_untrusted"
    error = "server_error"


class UpstreamDown(SignInRefused):
    status = 503
    page = "upstream_down"
    error = "temporarily_unavailable"
    headers: ClassVar[dict[str, str]] = {"retry-after": "10"}


class Busy(SignInRefused):
    status = 503
    page = "busy"
    error = "temporarily_unavailable"
    headers: ClassVar[dict[str, str]] = {"retry-after": "5"}
