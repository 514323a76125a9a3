import CLinux
import Glibc
package import InterlockCredentials
import InterlockModel
import InterlockSigning
import InterlockTransport

/// The socket of a signer: one thread, some connections at a time, each with a deadline for its whole request. Only one
/// user is answered; connections of others are closed without a byte.
package final class SignerSocket {
    private let listener: ListeningSocket
    private let user: UInt32
    private let clock = SystemClock()
    private var connections = SignerConnections()

    /// - Parameters:
    ///   - path: the socket's file. A socket of this user on which no process listens is replaced.
    ///   - user: the gateway's user.
    /// - Throws: `exists` if a process listens there, `argument` if the path is too long or another file has it, `io`.
    package init(path: String, user: UInt32) throws(KeyFailure) {
        self.user = user
        do throws(ListenFailure) {
            listener = try ListeningSocket.open(.unix(path: path), anyAddress: false)
        } catch {
            switch error.code {
            case .inUse:
                throw KeyFailure(
                    .exists, error.reason,
                    help: "the signer of another folder needs a socket of its own")
            case .path: throw KeyFailure(.argument, error.reason)
            default: throw KeyFailure(.io, error.reason)
            }
        }
        try Self.admit(user, to: path)
    }

    deinit { listener.close() }

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
    package func serve(_ holder: KeyHolder) throws(KeyFailure) {
        while true {
            var waited = [pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)]
            waited += connections.open.map {
                pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0)
            }
            // The wait is short while connections are open, so that their time limits are checked.
            let ready = unsafe poll(
                &waited, nfds_t(waited.count), connections.open.isEmpty ? -1 : 200)
            guard ready >= 0 || errno == EINTR else { throw KeyFailure(.io, "poll failed") }
            var open: [SignerConnections.Connection] = []
            for (place, connection) in connections.open.enumerated() {
                let isReady = ready > 0 && waited[place + 1].revents != 0
                if let kept = try step(connection, isReady: isReady, holder) { open.append(kept) }
            }
            connections.keep(open)
            if ready > 0, waited[0].revents != 0 { accept() }
        }
    }

    /// - Returns: the connection, or nil if it is over and closed.
    private func step(
        _ connection: SignerConnections.Connection, isReady: Bool, _ holder: KeyHolder
    ) throws(KeyFailure) -> SignerConnections.Connection? {
        var connection = connection
        if isReady {
            guard let more = receive(connection.socket) else {
                close(connection.socket)
                return nil
            }
            connection.receive(more, at: clock.boot)
        }
        guard let request = request(of: connection) else {
            guard connection.isLate(at: clock.boot) else { return connection }
            refuse(connection, SignerRefusal(.late, "the request did not arrive in time"))
            return nil
        }
        switch request {
        case .failure(let refusal): refuse(connection, refusal)
        case .success(let body):
            send(try holder.respond(to: body), to: connection.socket)
            close(connection.socket)
        }
        return nil
    }

    /// - Returns: nil if the request is not whole yet.
    private func request(
        of connection: SignerConnections.Connection
    ) -> Result<[UInt8], SignerRefusal>? {
        guard connection.received.count >= SignerMessage.headBytes else { return nil }
        let head = Array(connection.received.prefix(SignerMessage.headBytes))
        guard let count = SignerMessage.length(head, most: SignerMessage.maximumRequestBytes)
        else {
            return .failure(SignerRefusal(.tooLarge, "the request is empty or too large"))
        }
        let body = connection.received.dropFirst(SignerMessage.headBytes)
        guard body.count >= count else { return nil }
        guard body.count == count else {
            return .failure(SignerRefusal(.malformed, "bytes follow the request"))
        }
        return .success(Array(body))
    }

    private func refuse(_ connection: SignerConnections.Connection, _ refusal: SignerRefusal) {
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

    /// - Returns: the bytes that have arrived, or nil if the connection is at its end.
    private func receive(_ socket: Int32) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let got = unsafe chunk.withUnsafeMutableBytes { buffer in
            unsafe recv(socket, buffer.baseAddress, buffer.count, 0)
        }
        if got < 0, errno == EINTR || errno == EAGAIN { return [] }
        return got > 0 ? Array(chunk[..<got]) : nil
    }

    /// Accepts no more connections at once than the table has room for: each is read once before it can give way.
    private func accept() {
        for _ in 0..<SignerConnections.maximumCount {
            guard case .connection(let socket) = listener.accept() else { return }
            guard isOfGateway(socket) else {
                close(socket)
                continue
            }
            if let idle = connections.add(socket, at: clock.boot) {
                refuse(idle, SignerRefusal(.unavailable, "there are too many connections"))
            }
        }
    }

    private func isOfGateway(_ socket: Int32) -> Bool {
        var peer = interlock_peer()
        guard unsafe interlock_peer_credentials(socket, &peer) == 0 else { return false }
        return peer.uid == user
    }
}
