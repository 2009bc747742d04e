"""An OpenAI-compatible server that misbehaves on purpose. What it does is named by the model it is asked for.

``StandIn`` remembers every request. It is for failures alone: how a real one works is tested with a real one.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

WORDS = ("The ", "weir ", "was ", "built ", "in ", "1931.")
KEY = "correct-horse-battery-staple-4711"  # of no form that is known for keys


class StandIn:
    """A server on this machine; ``with StandIn() as server`` ends it, and lets go all whom it kept waiting."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[Message] = []
        self.released = threading.Event()
        self.left = threading.Event()  # a caller has closed the connection in the middle of a stream
        self.tries: Counter[str] = Counter()
        handler = type("Handler", (_Handler,), {"stand_in": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One request; ``protocol_version`` 1.0: the end of the connection is the end of the answer."""

    stand_in: StandIn
    timeout = 20

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """List the models, as llama.cpp and as Ollama does."""
        if not self.path.startswith(("/v1/", "/api/")):
            self.page()
        elif self.path == "/api/tags":
            self._json(200, {"models": [{"name": "some-embed:latest"}, {"name": "llama3.2:latest"}]})
        else:
            sizes = {"fine": {"meta": {"n_ctx": 4096}}, "sees": {"max_model_len": 32768}}
            self._json(
                200,
                {
                    "object": "list",
                    "data": [{"id": name, **sizes.get(name, {})} for name in BEHAVIOUR if name != "is unknown"],
                },
            )

    def do_POST(self) -> None:
        """Misbehave."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.startswith("/v1/"):
            self.page()
            return
        self.stand_in.asked.append(body)
        self.stand_in.headers.append(self.headers)
        self.stand_in.tries[body["model"]] += 1
        try:
            BEHAVIOUR[body["model"]](self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.stand_in.left.set()

    def _json(self, status: int, value: dict[str, Any], **headers: str) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(data)

    def page(self) -> None:
        """Answer with a web page, as a proxy does, or a server at any address it does not know."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html>\n<html><body>\n<p>data: Welcome</p>\n</body></html>\n")

    def refuse(self, status: int, message: str, code: str | None = None, **headers: str) -> None:
        """Answer with an error as OpenAI's API words them."""
        self._json(status, {"error": {"message": message, "type": "error", "code": code}}, **headers)

    def open(self) -> None:
        """Begin a stream."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.event({"role": "assistant", "content": ""})

    def event(self, delta: dict[str, Any], reason: str | None = None, usage: dict[str, int] | None = None) -> None:
        """Send one chunk of a stream."""
        choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": reason}]
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "stand-in", "choices": choices}
        self.wfile.write(f"data: {json.dumps({**chunk, 'usage': usage} if usage else chunk)}\n\n".encode())
        self.wfile.flush()

    def done(self, reason: str = "stop", *, counted: bool = True) -> None:
        """End a stream as it should end."""
        self.event({}, reason)
        if counted:
            self.event({}, usage={"prompt_tokens": 11, "completion_tokens": 6, "total_tokens": 17})
        self.wfile.write(b"data: [DONE]\n\n")

    def say(self, text: str, reason: str = "stop", *, counted: bool = True) -> None:
        """Stream ``text`` to its end."""
        self.open()
        for word in text.split(" "):
            self.event({"content": f"{word} "})
        self.done(reason, counted=counted)

    def wait(self) -> None:
        """Do nothing until the test is over."""
        self.stand_in.released.wait(15)


def _fine(self: _Handler, body: dict[str, Any]) -> None:
    self.say("The weir was built in 1931.")


def _uncounted(self: _Handler, body: dict[str, Any]) -> None:
    self.say("The weir was built in 1931.", counted=False)


def _hangs(self: _Handler, body: dict[str, Any]) -> None:
    self.wait()


def _hangs_before_the_first_token(self: _Handler, body: dict[str, Any]) -> None:
    self.send_response(200)
    self.end_headers()
    self.wait()


def _stalls(self: _Handler, body: dict[str, Any]) -> None:
    self.open()
    self.event({"content": "The weir "})
    self.wait()


def _pings(self: _Handler, body: dict[str, Any]) -> None:
    """Keep the connection busy, so that no time-out for reading ends it."""
    self.open()
    while not self.stand_in.released.wait(0.05):
        self.wfile.write(b": ping\n\n")
        self.wfile.flush()


def _never_ends(self: _Handler, body: dict[str, Any]) -> None:
    self.open()
    while not self.stand_in.released.wait(0.02):
        self.event({"content": "and "})


def _is_cut(self: _Handler, body: dict[str, Any]) -> None:
    self.open()
    self.event({"content": "The weir "})


def _runs_out(self: _Handler, body: dict[str, Any]) -> None:
    self.say("The weir was", "length")


def _is_busy_once(self: _Handler, body: dict[str, Any]) -> None:
    if self.stand_in.tries["is busy once"] == 1:
        self.refuse(429, "slow down", Retry_After="0.05")
    else:
        _fine(self, body)


def _is_broken(self: _Handler, body: dict[str, Any]) -> None:
    self.refuse(500, "internal error")


def _echoes_the_key(self: _Handler, body: dict[str, Any]) -> None:
    self.refuse(401, f"Incorrect API key provided: {self.headers['Authorization'].split()[1]}")


def _echoes_the_key_in_a_stream(self: _Handler, body: dict[str, Any]) -> None:
    self.open()
    self.event({"content": "The weir "})
    error = {"error": {"message": f"lost {self.headers['Authorization']}", "type": "error", "code": 500}}
    self.wfile.write(f"data: {json.dumps(error)}\n\n".encode())


def _refuses_temperature(self: _Handler, body: dict[str, Any]) -> None:
    if "temperature" in body:
        self.refuse(400, "Unsupported value: 'temperature' does not support 0 with this model.", "unsupported_value")
    else:
        _fine(self, body)


def _overflows(self: _Handler, body: dict[str, Any]) -> None:
    self.refuse(400, "This model's maximum context length is 2048 tokens.", "context_length_exceeded")


def _calls_tools(self: _Handler, body: dict[str, Any]) -> None:
    self.open()
    name = body["tools"][0]["function"]["name"]
    call = {"index": 0, "id": "1", "type": "function"}
    self.event({"tool_calls": [{**call, "function": {"name": name, "arguments": '{"questions": ["Wh'}}]})
    self.event({"tool_calls": [{"index": 0, "function": {"arguments": 'o?", "When?"]}'}}]})
    self.done("tool_calls")


def _knows_no_tools(self: _Handler, body: dict[str, Any]) -> None:
    if "tools" in body:
        self.refuse(400, "this model does not support tools")
    elif body.get("response_format", {}).get("type") == "json_object":
        self.say('Here: ```json\n{"questions": ["Who?", "When?"]}\n```')
    elif "response_format" in body:
        self.refuse(400, "response_format.type must be json_object")
    else:
        raise AssertionError(body)


def _writes_lines(self: _Handler, body: dict[str, Any]) -> None:
    if "tools" in body or "response_format" in body:
        self.refuse(400, "unknown parameter")
    else:
        self.say(
            "Sure! Here are the sub-questions:\n\n1. Who built the weir?\n2) When was it built?\n- *Where* is it?\n"
        )


def _sees(self: _Handler, body: dict[str, Any]) -> None:
    """Read the word when there is a picture, and write what it is asked for when there is a function to call."""
    content = body["messages"][-1]["content"]
    pictures = [one for one in content if one["type"] == "image_url"] if isinstance(content, list) else []
    if "tools" in body:
        self.open()
        name = body["tools"][0]["function"]["name"]
        call = {"index": 0, "id": "1", "type": "function"}
        self.event({"tool_calls": [{**call, "function": {"name": name, "arguments": '{"words": ["blue", "grey"]}'}}]})
        self.done("tool_calls")
    elif pictures:
        self.say("Heron." if pictures[0]["image_url"]["url"].startswith("data:image/png;base64,iVBOR") else "Nothing.")
    else:
        _fine(self, body)


def _is_unknown(self: _Handler, body: dict[str, Any]) -> None:
    self.refuse(404, "no such model")


def _says_nothing(self: _Handler, body: dict[str, Any]) -> None:
    self.say("")


def _is_a_web_page(self: _Handler, body: dict[str, Any]) -> None:
    self.page()


def _writes_its_calls(self: _Handler, body: dict[str, Any]) -> None:
    """Write calls of tools down as text, as small models do; answer when a tool has said something."""
    if body["messages"][-1]["role"] == "tool":
        self.say("The weir was built in 1931 [1].")
    else:
        self.say('I look it up. <tool_call>\n{"name": "search", "arguments": {"question": "weir"}}\n</tool_call>')


BEHAVIOUR: dict[str, Callable[[_Handler, dict[str, Any]], None]] = {
    "fine": _fine,
    "counts nothing": _uncounted,
    "hangs": _hangs,
    "hangs before the first token": _hangs_before_the_first_token,
    "stalls": _stalls,
    "pings": _pings,
    "never ends": _never_ends,
    "is cut": _is_cut,
    "runs out": _runs_out,
    "is busy once": _is_busy_once,
    "is broken": _is_broken,
    "echoes the key": _echoes_the_key,
    "echoes the key in a stream": _echoes_the_key_in_a_stream,
    "refuses temperature": _refuses_temperature,
    "overflows": _overflows,
    "calls tools": _calls_tools,
    "knows no tools": _knows_no_tools,
    "writes lines": _writes_lines,
    "sees": _sees,
    "says nothing": _says_nothing,
    "is unknown": _is_unknown,
    "is a web page": _is_a_web_page,
    "writes its calls": _writes_its_calls,
}
