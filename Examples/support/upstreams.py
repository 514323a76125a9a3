"""The HTTP servers of the example organisation as processes; those on stdio are started by Interlock."""

import http.client
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
JSON_ANSWERS = {"crm"}  # the others answer with event streams, so that both kinds are in use


class Upstreams:
    """Started on entry, all answering; stopped on exit."""

    def __init__(self, python: str, data: Path, ports: dict[str, int], log: Path):
        self.python, self.data, self.ports, self.log = python, data, ports, log
        self.processes: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "Upstreams":
        try:
            self.launch()
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def launch(self) -> None:
        for name in self.ports:
            self.start(name)

    def wait(self) -> None:
        """Until all answer."""
        for name, port in self.ports.items():
            wait_for_http(port, self.processes[name])

    def start(self, name: str) -> None:
        words = [name, "--http", str(self.ports[name]), "--data", str(self.data / name)]
        self.processes[name] = self.spawn(words + (["--json-answers"] if name in JSON_ANSWERS else []))

    def spawn(self, words: list[str]) -> subprocess.Popen:
        with self.log.open("ab") as log:
            return subprocess.Popen([self.python, str(HERE / "servers" / "server.py"), *words],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __exit__(self, *_) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def wait_for_http(port: int, process: subprocess.Popen, seconds: float = 30) -> None:
    """Returns once anything that speaks HTTP answers on the port."""
    deadline = time.monotonic() + seconds
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"the server for port {port} ended with {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing answers on port {port}") from None
            time.sleep(0.05)
        finally:
            connection.close()
