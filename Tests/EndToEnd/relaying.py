"""A TCP relay in front of a port, which can stop to forward while all connections stay open, as a network that drops packets
does, or cut them all."""

import socket
import threading


class Relay:
    def __init__(self, target: int):
        self.target = target
        self.flows = threading.Event()
        self.flows.set()
        self._open: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Relay":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def stall(self) -> None:
        """From now on nothing arrives, and neither side learns of it."""
        self.flows.clear()

    def flow(self) -> None:
        """Everything arrives again, also what was sent meanwhile."""
        self.flows.set()

    def cut(self) -> int:
        """Closes the open connections and returns their number; new ones are accepted."""
        with self._lock:
            pairs = list(self._open)
        for pair in pairs:
            shut(*pair)
        return len(pairs)

    def close(self) -> None:
        self.flow()
        self.listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self.flows.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        with self._lock:
            self._open.append((client, server))
        back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
        back.start()
        self._pump(client, server)
        back.join()
        with self._lock:
            self._open.remove((client, server))
        client.close()
        server.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self.flows.wait()
                sink.sendall(data)
        except OSError:
            pass
        shut(source, sink)


def shut(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
