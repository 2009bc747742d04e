"""The page of a user's tokens, with which programs act for them: a small page of its own, without a script."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.security.identity import Identity
from app.security.login import FORM_HEADERS
from app.text import escaped
from errors import AccessError
from store.auth.tokens import MAX_LABEL, Token

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tokens</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
main {{ max-width: 44rem; margin: 8vh auto; padding: 0 1rem; display: grid; gap: 1rem }}
h1 {{ font-size: 1.4rem; margin: 0 }} p {{ margin: 0 }} table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid #8886 }}
form {{ display: flex; flex-wrap: wrap; gap: .7rem; align-items: end }} label {{ display: grid; gap: .25rem }}
input, select, button {{ font: inherit; padding: .5rem .7rem; border: 1px solid #8889; border-radius: .5rem }}
button {{ background: #4f46e5; color: #fff; border: 0; cursor: pointer }}
code {{ overflow-wrap: anywhere; padding: .5rem .7rem; border: 1px solid #8889; border-radius: .5rem; display: block }}
.failed {{ color: #d6336c }}
</style></head><body><main><h1>Tokens of {name}</h1>
<p>A program that sends one reads and adds what you may. Revoke those that you do not need. <a href="./">Back</a></p>
{message}{listed}
<form method="post" action="tokens"><label>What it is for
<input name="label" maxlength="{most}" required placeholder="my notebook"></label>
<label>Ends after <select name="days"><option value="30">30 days</option><option value="90" selected>90 days</option>
<option value="365">a year</option><option value="">never</option></select></label>
<button>Make a token</button></form></main></body></html>"""
_NO_TOKENS = "Nobody has to log in here, so programs need no token."


def token_routes(identity: Identity) -> APIRouter:
    """Build the routes. They act for who is logged in on the page: a token makes no tokens."""
    router = APIRouter(include_in_schema=False)

    def name_of(request: Request) -> str:
        return identity.principal(request).name if identity.enabled else ""

    def refusal(request: Request) -> Response | None:
        if not identity.enabled:
            return HTMLResponse(_NO_TOKENS, 404)
        return None if name_of(request) else RedirectResponse("login" if identity.logs_in else "./", 303)

    @router.get("/tokens")
    def listed(request: Request) -> Response:
        return refusal(request) or _page(identity, name_of(request))

    @router.post("/tokens")
    def create(request: Request, label: str = Form(""), days: str = Form("")) -> Response:
        if (refused := refusal(request)) is not None:
            return refused
        try:
            text, _ = identity.tokens.create(name_of(request), label, float(days) if days.strip() else None)
        except (AccessError, ValueError) as error:
            said = error if isinstance(error, AccessError) else f"“{days[:20]}” is no number of days."
            return _page(identity, name_of(request), f'<p class="failed" role="alert">{escaped(str(said))}</p>', 400)
        shown = f"<p>Copy the token now: it is not shown again.</p><code>{escaped(text)}</code>"
        return _page(identity, name_of(request), f'<div role="status">{shown}</div>')

    @router.post("/tokens/revoke")
    def revoke(request: Request, token: str = Form("")) -> Response:
        if (refused := refusal(request)) is not None:
            return refused
        try:
            identity.tokens.revoke(token, name_of(request))
        except AccessError as error:
            return HTMLResponse(escaped(str(error)), 404)
        return RedirectResponse("../tokens", 303)

    return router


def _page(identity: Identity, name: str, message: str = "", status: int = 200) -> HTMLResponse:
    rows = "".join(map(_row, identity.tokens.of(name)))
    head = "<tr><th>For</th><th>Made</th><th>Ends</th><th>Last used</th><th></th></tr>"
    table = f"<table>{head}{rows}</table>" if rows else "<p>You have none yet.</p>"
    page = _PAGE.format(name=escaped(name), message=message, listed=table, most=MAX_LABEL)
    return HTMLResponse(page, status, FORM_HEADERS)


def _row(token: Token) -> str:
    revoke = (
        f'<form method="post" action="tokens/revoke"><input type="hidden" name="token" value="{escaped(token.id)}">'
        f'<button aria-label="Revoke {escaped(token.label)}">Revoke</button></form>'
    )
    cells = (escaped(token.label), _day(token.created), _day(token.ends), _day(token.used))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (*cells, revoke)) + "</tr>"


def _day(seconds: float | None) -> str:
    return "never" if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()
