import CLinux
import Glibc
import InterlockCredentials
import InterlockModel
import InterlockSigning

/// The socket of a signer: one thread, some connections at a time, each with a deadline for its whole request. Only one
/// user is answered; connections of others are closed without a byte.
final class SignerSocket {
    /// Bounds of the connections.
    private static let maximumConnections = 32
    private static let deadline = Duration.seconds(5)
    private static let backlog: Int32 = 64

    private let listener: Int32
    private let user: UInt32
    private let clock = SystemClock()
    private var connections: [Connection] = []

    private struct Connection {
        let socket: Int32
        let until: BootTime
        var received: [UInt8] = []
    }

    /// - Parameters:
    ///   - path: the socket's file. A socket of this user that is there is replaced, since the lock of the keys proves
    ///     that no other signer uses it.
    ///   - user: the gateway's user.
    /// - Throws: `exists` if another file has the path, `argument`, `io`.
    init(path: String, user: UInt32) throws(KeyFailure) {
        self.user = user
        guard var address = Self.address(path) else {
            throw KeyFailure(.argument, "the socket's path `\(path)` is too long")
        }
        var found = stat()
        if unsafe lstat(path, &found) == 0 {
            guard found.st_mode & S_IFMT == S_IFSOCK, found.st_uid == geteuid() else {
                throw KeyFailure(.exists, "`\(path)` exists and is not a socket of this user")
            }
            _ = unsafe unlink(path)
        }
        listener = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0)
        guard listener >= 0 else { throw KeyFailure(.io, "no socket can be made") }
        // Set before bind, so that the file is never created with a wider mode.
        guard fchmod(listener, 0o600) == 0 else {
            throw KeyFailure(.io, "cannot set the mode of `\(path)`")
        }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe CLinux.bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw KeyFailure(.io, "cannot make the socket `\(path)`") }
        try Self.admit(user, to: path)
        guard listen(listener, Self.backlog) == 0 else {
            throw KeyFailure(.io, "cannot listen on `\(path)`")
        }
    }

    deinit { close(listener) }

    private static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else { return nil }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return address
    }

    /// Opens the socket's file to a user who is not this one: to the group of its folder, which both share. Root needs no
    /// mode. The user of each connection is checked all the same.
    private static func admit(_ user: UInt32, to path: String) throws(KeyFailure) {
        guard user != geteuid(), user != 0 else { return }
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var found = stat()
        guard unsafe stat(folder, &found) == 0, unsafe chown(path, geteuid(), found.st_gid) == 0,
            unsafe chmod(path, 0o660) == 0
        else {
            throw KeyFailure(
                .io, "cannot give `\(path)` to the group of its folder",
                help: "give the folder a group that has this user and the gateway's user")
        }
    }

    /// Answers requests for ever.
    ///
    /// - Throws: what the holder of the keys throws; the process must then end.
    func serve(_ holder: KeyHolder) throws(KeyFailure) {
        while true {
            var waited = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            waited += connections.map {
                pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0)
            }
            // The time limits of connections are looked at once in a while.
            let ready = unsafe poll(
                &waited, nfds_t(waited.count), connections.isEmpty ? -1 : 200)
            guard ready >= 0 || errno == EINTR else { throw KeyFailure(.io, "poll failed") }
            var kept: [Connection] = []
            for (place, connection) in connections.enumerated() {
                let isReady = ready > 0 && waited[place + 1].revents != 0
                if let open = try step(connection, isReady: isReady, holder) { kept.append(open) }
            }
            connections = kept
            if ready > 0, waited[0].revents != 0 { accept() }
        }
    }

    /// - Returns: the connection, or nil if it is over and closed.
    private func step(
        _ connection: Connection, isReady: Bool, _ holder: KeyHolder
    ) throws(KeyFailure) -> Connection? {
        var connection = connection
        guard clock.boot < connection.until else {
            refuse(connection, SignerRefusal(.late, "the request did not arrive in time"))
            return nil
        }
        guard isReady else { return connection }
        guard let more = receive(connection.socket) else {
            close(connection.socket)
            return nil
        }
        connection.received += more
        guard connection.received.count >= SignerMessage.headBytes else { return connection }
        let head = Array(connection.received.prefix(SignerMessage.headBytes))
        guard let count = SignerMessage.length(head, most: SignerMessage.maximumRequestBytes)
        else {
            refuse(connection, SignerRefusal(.tooLarge, "the request is empty or too large"))
            return nil
        }
        let body = connection.received.dropFirst(SignerMessage.headBytes)
        guard body.count >= count else { return connection }
        guard body.count == count else {
            refuse(connection, SignerRefusal(.malformed, "bytes follow the request"))
            return nil
        }
        send(try holder.respond(to: Array(body)), to: connection.socket)
        close(connection.socket)
        return nil
    }

    private func refuse(_ connection: Connection, _ refusal: SignerRefusal) {
        send(SignerResponse.refused(refusal).bytes, to: connection.socket)
        close(connection.socket)
    }

    /// An answer is smaller than the buffer of a socket, so it is sent at once or not at all.
    private func send(_ response: [UInt8], to socket: Int32) {
        let bytes = SignerMessage.framed(response)
        _ = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.send(socket, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// - Returns: at least one byte, or nil if the connection is at its end.
    private func receive(_ socket: Int32) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let got = unsafe chunk.withUnsafeMutableBytes { buffer in
            unsafe recv(socket, buffer.baseAddress, buffer.count, 0)
        }
        if got < 0, errno == EINTR || errno == EAGAIN { return [] }
        return got > 0 ? Array(chunk[..<got]) : nil
    }

    private func accept() {
        while true {
            let socket = accept4(
                listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            guard socket >= 0 else { return }
            guard isOfGateway(socket), connections.count < Self.maximumConnections else {
                close(socket)
                continue
            }
            connections.append(Connection(socket: socket, until: clock.boot + Self.deadline))
        }
    }

    private func isOfGateway(_ socket: Int32) -> Bool {
        var peer = interlock_peer()
        guard unsafe interlock_peer_credentials(socket, &peer) == 0 else { return false }
        return peer.uid == user
    }
}
