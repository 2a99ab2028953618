"""A server that speaks Stripe's wire format on this machine, as much of it as we use: form-encoded requests,
idempotency keys, errors and objects in the shape of the API version that our SDK asks for.

Strict where Stripe is: a wrong key, an unknown id or a parameter it does not know is refused.
"""

import itertools
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "sk_test_of_the_loopback"
CHECKOUT_PARAMETERS = {
    "mode",
    "customer",
    "line_items[0][price]",
    "line_items[0][quantity]",
    "success_url",
    "cancel_url",
}
KNOWN = {
    "/v1/customers": {"email", "metadata[user_id]"},
    "/v1/checkout/sessions": CHECKOUT_PARAMETERS,
    "/v1/billing_portal/sessions": {"customer", "return_url"},
}


class Refused(Exception):
    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class Stripe:
    """What Stripe knows. `prices` are id: (amount, currency); requests are kept for the tests to look at."""

    def __init__(self) -> None:
        self.prices: dict[str, tuple[int, str]] = {}
        self.objects: dict[str, dict] = {}
        self.requests: list[tuple[str, str, dict]] = []
        self.answered: dict[str, tuple[dict, dict]] = {}  # by idempotency key: what was sent and answered
        self.is_down = False
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def name(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"

    def keep(self, made: dict) -> dict:
        self.objects[made["id"]] = made
        return made

    def answer(self, method: str, path: str, params: dict, headers) -> dict:
        with self._lock:
            self.requests.append((method, path, params))
            if self.is_down:
                raise Refused(500, "api_error", "An unknown error occurred")
            if headers["Authorization"] != f"Bearer {KEY}":
                raise Refused(401, "invalid_request_error", "Invalid API Key provided")
            assert headers["Stripe-Version"] == "2026-10-28.endive"
            if method == "GET":
                return self._get(path)
            return self._post_once(path, params, headers["Idempotency-Key"])

    def _post_once(self, path: str, params: dict, key: str | None) -> dict:
        sent = {"path": path, **params}
        if key in self.answered:
            before, answer = self.answered[key]
            if before != sent:
                raise Refused(400, "idempotency_error", "Keys for idempotent requests can only be used once")
            return answer
        if unknown := params.keys() - KNOWN[path]:
            raise Refused(400, "invalid_request_error", f"Received unknown parameter: {min(unknown)}")
        answer = self._post(path, params)
        if key is not None:
            self.answered[key] = (sent, answer)
        return answer

    def _post(self, path: str, params: dict) -> dict:
        if path == "/v1/customers":
            return self.keep({"id": self.name("cus"), "object": "customer", "email": params["email"]})
        self._find(params["customer"])
        if path == "/v1/billing_portal/sessions":
            made = {"id": self.name("bps"), "object": "billing_portal.session"}
            return made | {"url": f"https://billing.stripe.test/{made['id']}"}
        return self._open_checkout(params)

    def _open_checkout(self, params: dict) -> dict:
        price = params["line_items[0][price]"]
        if price not in self.prices:
            raise Refused(400, "invalid_request_error", f"No such price: '{price}'")
        amount, currency = self.prices[price]
        session_id = self.name("cs")
        line = {"id": self.name("li"), "object": "item", "price": {"id": price}}
        return self.keep(
            {
                "id": session_id,
                "object": "checkout.session",
                "url": f"https://checkout.stripe.test/{session_id}",
                "mode": params["mode"],
                "customer": params["customer"],
                "payment_intent": None,
                "payment_status": "unpaid",
                "status": "open",
                "amount_total": amount,
                "currency": currency,
                "line_items": {
                    "object": "list",
                    "data": [line | {"quantity": int(params["line_items[0][quantity]"])}],
                },
            }
        )

    def _get(self, path: str) -> dict:
        return self._find(path.rsplit("/", 1)[1])

    def _find(self, name: str) -> dict:
        if name not in self.objects:
            raise Refused(404, "invalid_request_error", f"No such object: '{name}'")
        return self.objects[name]


@contextmanager
def running(stripe: Stripe):
    """The address of the server, while it answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # a connection a request: none is left open when a test ends

        def do_GET(self) -> None:
            self._answer("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())

        def _answer(self, method: str, form: str) -> None:
            params = {key: values[0] for key, values in parse_qs(form, strict_parsing=bool(form)).items()}
            try:
                status, body = 200, stripe.answer(method, urlsplit(self.path).path, params, self.headers)
            except Refused as error:
                status = error.status
                body = {"error": {"type": error.kind, "message": str(error)}}
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
