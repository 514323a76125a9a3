import CLinux
import Glibc

/// The reason a request to the gateway failed.
package struct LocalFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The address accepts no connections. Nothing was sent.
        case unreachable
        /// The connection ended, or no byte arrived within the time limit, before the response was complete.
        case lost
        case notHTTP
        /// The response exceeds the limit.
        case tooLarge
    }
    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String = "") {
        self.code = code
        self.description = description
    }
    static let notHTTP = LocalFailure(.notHTTP, "the answer is not HTTP")
    package static func == (a: LocalFailure, b: LocalFailure) -> Bool { a.code == b.code }
}

/// An HTTP/1.1 client for the gateway on this machine, for programs that may block: one connection per request, no
/// loop, no library. Not for upstreams. `LocalConnectionPool` keeps connections.
package struct LocalClient: Sendable {
    package enum Address: Sendable {
        case unix(path: String)
        /// `127.0.0.1` or `localhost`.
        case tcp(host: String, port: UInt16)
    }

    /// The maximum size of a complete response, equal to the gateway's limit for upstreams.
    package static let answerLimitBytes = 16 << 20

    private let address: Address
    private let patience: Duration

    /// - Parameter patience: the longest time without a byte of the response; the gateway's event streams send a
    ///   comment every 15 s.
    package init(_ address: Address, patience: Duration = .seconds(60)) {
        self.address = address
        self.patience = patience
    }

    /// The value of `Host`: the proxy of a sandboxed run serves its own address alone.
    private var authority: String {
        switch address {
        case .unix: "localhost"
        case .tcp(let host, let port): "\(host):\(port)"
        }
    }

    /// Returns the complete response.
    package func send(
        _ method: String, _ path: String, headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) throws(LocalFailure) -> (head: ResponseHead, body: [UInt8]) {
        let stream = try open(method, path, headers: headers, body: body)
        return (stream.head, try stream.rest())
    }

    /// Sends the request and returns once the head of the response has arrived.
    ///
    /// - Parameter connected: receives, before anything is sent, a handle that cancels the request while this blocks.
    package func open(
        _ method: String, _ path: String, headers: [(name: String, value: String)] = [],
        body: [UInt8] = [], connected: (LocalCancellation) -> Void = { _ in }
    ) throws(LocalFailure) -> LocalStream {
        let socket = try connect()
        connected(LocalCancellation(socket))
        try socket.send(request(method, path, headers + [("Connection", "close")], body))
        return try LocalStream(socket)
    }

    func connect() throws(LocalFailure) -> LocalSocket {
        try LocalSocket(address, patience: patience)
    }

    /// Returns the bytes of one request.
    func request(
        _ method: String, _ path: String, _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) -> [UInt8] {
        var request = Array("\(method) \(path) HTTP/1.1\r\nHost: \(authority)\r\n".utf8)
        for (name, value) in headers { request += Array("\(name): \(value)\r\n".utf8) }
        request += Array("Content-Length: \(body.count)\r\n\r\n".utf8)
        return request + body
    }
}

/// Ends the connection of one request, from any thread; a blocked reader gets `lost`.
package struct LocalCancellation: Sendable {
    private let socket: LocalSocket
    fileprivate init(_ socket: LocalSocket) { self.socket = socket }
    package func cancel() { socket.cancel() }
}

/// A response whose body is read as it arrives. Only one thread may read; any thread may call `cancel`.
package final class LocalStream: Sendable {
    package let head: ResponseHead
    private let socket: LocalSocket
    private let reader: BodyReader

    init(_ socket: LocalSocket) throws(LocalFailure) {
        var held: [UInt8] = []
        while true {
            if let (head, consumed) = try ResponseHead.parse(held) {
                held.removeFirst(consumed)
                // An interim response; the final one follows.
                if (100..<200).contains(head.status) { continue }
                self.head = head
                self.socket = socket
                reader = BodyReader(head.framing, held: held)
                return
            }
            guard let bytes = try socket.receive() else {
                throw LocalFailure(.lost, "the gateway closed the connection")
            }
            held += bytes
        }
    }

    /// Blocks until the next part of the body arrives; returns nil at its end.
    package func next() throws(LocalFailure) -> [UInt8]? { try reader.next(socket) }

    /// Reads the rest of the body.
    ///
    /// - Throws: `tooLarge` above `LocalClient.answerLimitBytes`.
    package func rest() throws(LocalFailure) -> [UInt8] {
        var whole: [UInt8] = []
        while let part = try next() {
            whole += part
            guard whole.count <= LocalClient.answerLimitBytes else {
                throw LocalFailure(.tooLarge, "the answer is too large")
            }
        }
        return whole
    }

    /// True once the body was read to its end, if the connection can take another request: the gateway keeps it open, and
    /// sent nothing that belongs to no response.
    var isReusable: Bool {
        guard head["connection"]?.lowercased() != "close" else { return false }
        return reader.isExhausted
    }

    /// Ends the connection; a blocked `next` returns.
    package func cancel() { socket.cancel() }
}

/// Removes the framing of the body. Used by one thread at a time.
private final class BodyReader: @unchecked Sendable {
    private enum State {
        case length(remaining: Int)
        case chunked(ChunkDecoder)
        case untilClose
        case done
    }
    private var state: State
    private var held: [UInt8]
    /// True if bytes arrived after the end of the body.
    private var hasSurplus = false

    init(_ framing: ResponseHead.Framing, held: [UInt8]) {
        self.held = held
        switch framing {
        case .length(let count): state = .length(remaining: count)
        case .chunked: state = .chunked(ChunkDecoder())
        case .untilClose: state = .untilClose
        }
    }

    /// True once the whole body was read, and nothing after it.
    var isExhausted: Bool {
        guard held.isEmpty, !hasSurplus else { return false }
        return switch state {
        case .length(let remaining): remaining == 0
        case .done: true
        case .chunked, .untilClose: false
        }
    }

    func next(_ socket: LocalSocket) throws(LocalFailure) -> [UInt8]? {
        while true {
            if case .done = state { return nil }
            if case .length(0) = state { return nil }
            if held.isEmpty {
                guard let bytes = try socket.receive() else {
                    if case .untilClose = state { return nil }
                    throw LocalFailure(.lost, "the answer was cut off")
                }
                held = bytes
            }
            let part = try take()
            if !part.isEmpty { return part }
        }
    }

    private func take() throws(LocalFailure) -> [UInt8] {
        let bytes = held
        held = []
        switch state {
        case .done: return []
        case .untilClose: return bytes
        case .length(let remaining):
            let part = bytes.prefix(remaining)
            state = .length(remaining: remaining - part.count)
            hasSurplus = bytes.count > part.count
            return Array(part)
        case .chunked(var decoder):
            var part: [UInt8] = []
            do throws(HTTPFault) {
                let consumed = try decoder.decode(bytes.span, into: &part, limitBytes: .max)
                hasSurplus = consumed < bytes.count
            } catch {
                throw .notHTTP
            }
            state = decoder.isDone ? .done : .chunked(decoder)
            return part
        }
    }
}
