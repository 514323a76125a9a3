"""A network between a client and a gateway that a test can interrupt."""

import socket
import threading


class CuttingProxy:
    """Forwards bytes in both directions; `cut` closes every open connection, but new ones are accepted."""

    def __init__(self, port: int):
        self._real, self._open, self._lock = port, [], threading.Lock()

    def __enter__(self) -> "CuttingProxy":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> int:
        """Cuts the open connections and returns their number."""
        with self._lock:
            pairs, self._open = self._open, []
        for one in [end for pair in pairs for end in pair]:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        return len(pairs)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._real))
            with self._lock:
                self._open.append((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
