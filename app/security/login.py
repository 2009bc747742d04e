"""Logging in and out: a small page of its own, without a script."""

from __future__ import annotations

import math

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.security.identity import COOKIE, Identity
from app.text import escaped
from errors import AccessError

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# Of a page with a form: nothing of it runs, and nothing keeps it.
FORM_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",  # without a referrer a browser does not say that the form is our own
    "Cache-Control": "no-store",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Log in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
form {{ max-width: 20rem; margin: 15vh auto; display: grid; gap: .9rem; padding: 0 1rem }}
h1 {{ font-size: 1.4rem; margin: 0 }} label {{ display: grid; gap: .25rem }}
input, button {{ font: inherit; padding: .5rem .7rem; border: 1px solid #8889; border-radius: .5rem }}
button {{ background: #4f46e5; color: #fff; border: 0; cursor: pointer }} p {{ margin: 0 }}
.failed {{ color: light-dark(#b4235a, #ff8ab0) }} a {{ color: light-dark(#1d4ed8, #8ab4ff) }}
html {{ background: Canvas; color: CanvasText }} a, button, input {{ min-height: 24px }}
:focus-visible {{ outline: 2px solid light-dark(#1d4ed8, #8ab4ff); outline-offset: 2px }}
</style></head><body><main><form method="post" action="login"><h1>Log in</h1>{message}
<label>Name <input name="name" autocomplete="username" autofocus required maxlength="100" value="{name}"></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button><p><a href="./">Go on as a guest</a></p></form></main></body></html>"""


def login_routes(identity: Identity) -> APIRouter:
    """Build the routes; they answer 404 where nobody can log in."""
    router = APIRouter()

    @router.get("/login")
    def form() -> Response:
        return _form() if identity.logs_in else _nobody()

    @router.post("/login")
    def login(request: Request, name: str = Form(""), password: str = Form("")) -> Response:
        if not identity.logs_in:
            return _nobody()
        address = identity.address(request)
        wait = identity.throttle.wait(name, address)
        if wait > 0:
            message = f"Too many tries. Wait {math.ceil(wait)} seconds."
            return _form(name, message, 429, {"Retry-After": str(math.ceil(wait))})
        try:
            user = identity.users.verified(name, password)
        except AccessError as error:
            return _form(name, str(error), 503)
        if user is None:
            identity.throttle.failed(name, address)
            return _form(name, "This name and password do not belong together.", 401)
        identity.throttle.succeeded(name)
        answer = RedirectResponse("./", 303)
        answer.set_cookie(
            COOKIE,
            identity.sessions.begin(user),
            httponly=True,
            samesite="lax",
            secure=identity.is_secure(request),
            path="/",
        )
        return answer

    @router.post("/logout")
    def logout(request: Request) -> Response:
        identity.sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("./", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    return router


def _form(name: str = "", message: str = "", status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    shown = f'<p class="failed" role="alert">{escaped(message)}</p>' if message else ""
    own = {**FORM_HEADERS, **(headers or {})}
    return HTMLResponse(_PAGE.format(message=shown, name=escaped(name)), status, own)


def _nobody() -> HTMLResponse:
    return HTMLResponse("Nobody can log in here: no users are set up.", 404)
