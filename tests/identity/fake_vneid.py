"""A VNeID on loopback that speaks real OpenID Connect and can be told to lie or to fail."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from chassis import jws
from chassis.keys import SigningKey


def make_person(**overrides: Any) -> dict[str, Any]:
    """Return the userinfo claims of an account, level 2."""
    return {
        "TechID": "tech-an",
        "sub": "tech-an",
        "LoaiTaiKhoan": "1",
        "SoDinhDanh": "001085000017",
        "HoVaTen": "Nguyễn Văn An",
        "GioiTinh": "1",
        "birthdate": "1985-03-12",
        "acr": "LoA2",
        **overrides,
    }


@dataclass
class FakeVNeID:
    """What it does next; `reset` makes it honest again."""

    issuer: str
    client_id: str = "lienthong-identity"
    key: SigningKey = field(default_factory=SigningKey.generate)
    published_key: SigningKey | None = None
    person: dict[str, Any] = field(default_factory=make_person)
    id_claims: dict[str, Any] = field(default_factory=dict)
    userinfo_claims: dict[str, Any] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    refuses_with: str | None = None
    answered_issuer: str | None = None
    seen: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def reset(self) -> None:
        fresh = FakeVNeID(self.issuer, key=self.key)
        self.__dict__.update(fresh.__dict__)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def metadata() -> Response:
            return self._answer(
                "metadata",
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "userinfo_endpoint": f"{self.issuer}/userinfo",
                    "jwks_uri": f"{self.issuer}/jwks",
                },
            )

        @app.get("/jwks")
        async def keys() -> Response:
            return self._answer("jwks", {"keys": [(self.published_key or self.key).public_jwk()]})

        @app.get("/authorize")
        async def authorize(request: Request) -> Response:
            self.seen = dict(request.query_params)
            answer = {"state": self.seen["state"], "iss": self.answered_issuer or self.issuer}
            if self.refuses_with:
                answer["error"] = self.refuses_with
            else:
                code = secrets.token_urlsafe(16)
                self.codes[code] = self.seen
                answer["code"] = code
            return RedirectResponse(f"{self.seen['redirect_uri']}?{urlencode(answer)}", 302)

        @app.post("/token")
        async def token(request: Request) -> Response:
            form = dict(await request.form())
            asked = self.codes.pop(str(form.get("code")), None)
            digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
            if asked is None or jws.encode_base64url(digest) != asked["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            access = secrets.token_urlsafe(16)
            self.tokens.add(access)
            return self._answer("token", {"access_token": access, "id_token": self._id_token(asked)})

        @app.get("/userinfo")
        async def userinfo(request: Request) -> Response:
            if request.headers["authorization"].removeprefix("Bearer ") not in self.tokens:
                return JSONResponse({"error": "invalid_token"}, 401)
            return self._answer("userinfo", {**self.person, **self.userinfo_claims})

        return app

    def _id_token(self, asked: dict[str, str]) -> str:
        from chassis.clock import Clocks

        now = int(Clocks.real().real_now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked.get("nonce"),
            **{name: self.person[name] for name in ("sub", "TechID", "LoaiTaiKhoan", "acr")},
            **self.id_claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jws.sign(
            {"typ": "JWT", "kid": (self.published_key or self.key).kid}, kept, self.key.private_key
        )

    def _answer(self, endpoint: str, body: dict[str, Any]) -> Response:
        status = self.status.get(endpoint, 200)
        return JSONResponse(body if status == 200 else {"error": "failed"}, status)
