import CLinux
import Glibc
import InterlockModel

/// A blocking connection to a unix socket, with one deadline for all operations.
final class UnixConnection {
    private let socket: Int32
    private let path: String
    /// The name of the listener in messages.
    private let name: String
    private let deadline: BootTime
    private let clock = SystemClock()

    init(path: String, name: String = "ssh-agent", limit: Duration) throws(KeyFailure) {
        self.path = path
        self.name = name
        deadline = clock.boot + limit
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard (1..<capacity).contains(bytes.count) else {
            throw KeyFailure(.agent, "the socket's path `\(path)` is too long")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        socket = Glibc.socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0)
        guard socket >= 0 else { throw KeyFailure(.io, "no socket can be made") }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            throw KeyFailure(.agent, "cannot reach \(name) at `\(path)`")
        }
    }

    /// The user of the process that listens, or nil if the kernel does not say.
    var listener: UInt32? {
        var peer = interlock_peer()
        guard unsafe interlock_peer_credentials(socket, &peer) == 0 else { return nil }
        return peer.uid
    }

    deinit { if socket >= 0 { close(socket) } }

    func send(_ bytes: [UInt8]) throws(KeyFailure) {
        var sent = 0
        while sent < bytes.count {
            try wait(for: Int16(POLLOUT))
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    socket, buffer.baseAddress.map { unsafe $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { throw closed }
            sent += count
        }
    }

    func receive(_ count: Int) throws(KeyFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            try wait(for: Int16(POLLIN))
            let read = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe recv(socket, buffer.baseAddress.map { unsafe $0 + got }, count - got, 0)
            }
            if read < 0, errno == EINTR || errno == EAGAIN { continue }
            guard read > 0 else { throw closed }
            got += read
        }
        return bytes
    }

    private func wait(for events: Int16) throws(KeyFailure) {
        while true {
            let left = (deadline - clock.boot).microseconds / 1000
            guard left > 0 else { throw KeyFailure(.agent, "\(name) does not answer") }
            var waited = pollfd(fd: socket, events: events, revents: 0)
            let ready = unsafe poll(&waited, 1, Int32(min(left, 60_000)))
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw closed }
        }
    }

    private var closed: KeyFailure {
        KeyFailure(.agent, "\(name) at `\(path)` closed the connection")
    }
}
