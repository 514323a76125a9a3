"""A hook for schemathesis, whose environment lacks `cryptography`: each request with the session's cookie gets a proof,
made by `proving.py` in a process of its own (INTERLOCK_PROVER: its command)."""

import base64
import json
import os
import shlex
import subprocess
import threading

import schemathesis
from requests.auth import AuthBase


class Prover(AuthBase):
    """Signs the request as it is sent, whatever was generated."""

    def __init__(self, command: str):
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()

    def __call__(self, request):
        if "__Host-interlock=" in (request.headers.get("Cookie") or ""):
            body = request.body or b""
            body = body.encode() if isinstance(body, str) else bytes(body)
            with self.lock:
                self.process.stdin.write(
                    json.dumps([request.method, request.path_url, base64.b64encode(body).decode()]) + "\n")
                self.process.stdin.flush()
                request.headers["X-Interlock-Proof"] = self.process.stdout.readline().strip()
        return request


if "INTERLOCK_PROVER" in os.environ:
    prover = Prover(os.environ["INTERLOCK_PROVER"])

    @schemathesis.hook
    def before_call(context, case, kwargs):
        kwargs["auth"] = prover

    @schemathesis.hook
    def after_call(context, case, response):
        """Fails on a refused proof, which would be a documented response and hide every other one."""
        fault = (response.headers.get("x-interlock-proof-fault") or ["none"])[0]
        assert fault in ("none", "missing"), f"{fault}: {response.request.method} {response.request.url}"
