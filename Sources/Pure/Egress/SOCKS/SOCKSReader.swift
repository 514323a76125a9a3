/// Reads the greeting and the request of SOCKS5 (RFC 1928), from bytes in any pieces: CONNECT alone, without
/// authentication.
package struct SOCKSReader: Sendable {
    package enum Event: Equatable, Sendable {
        case needMore
        /// The greeting is complete; `noAuthentication` must be sent, then reading continues.
        case greeted
        /// The request; `rest` arrived after it.
        case target(EgressTarget, rest: [UInt8])
        /// The client offers no method without authentication; `noMethod` must be sent.
        case noMethod
    }

    /// The answer to a greeting: no authentication.
    package static let noAuthentication: [UInt8] = [5, 0]
    /// The answer to a greeting without an acceptable method.
    package static let noMethod: [UInt8] = [5, 0xff]
    /// The longest greeting and request together: both are bounded by their counts.
    package static let limitBytes = 2 + 255 + 4 + 1 + 255 + 2

    private enum State { case greeting, request, done }
    private var state = State.greeting
    private var bytes: [UInt8] = []

    package init() {}

    /// Reads the request alone: `bytes` arrived after another greeting.
    package init(afterGreeting bytes: [UInt8]) {
        state = .request
        self.bytes = bytes
    }

    /// A reply with an empty bound address. 0 is success.
    package static func reply(_ code: UInt8) -> [UInt8] { [5, code, 0, 1, 0, 0, 0, 0, 0, 0] }

    /// Must not be called after `target` or `noMethod`. After `greeted` it may be called with no bytes.
    package mutating func read(_ piece: some Sequence<UInt8>) throws(EgressRefusal) -> Event {
        bytes.append(contentsOf: piece)
        switch state {
        case .greeting: return try readGreeting()
        case .request: return try readRequest()
        case .done: return .needMore
        }
    }

    private mutating func readGreeting() throws(EgressRefusal) -> Event {
        guard let version = bytes.first else { return .needMore }
        guard version == 5 else { throw EgressRefusal(.badRequest, "not version 5 of SOCKS") }
        guard bytes.count >= 2 else { return .needMore }
        let count = Int(bytes[1])
        guard bytes.count >= 2 + count else { return .needMore }
        let offersNone = bytes[2..<(2 + count)].contains(0)
        bytes.removeFirst(2 + count)
        state = offersNone ? .request : .done
        return offersNone ? .greeted : .noMethod
    }

    private mutating func readRequest() throws(EgressRefusal) -> Event {
        guard bytes.count >= 4 else { return .needMore }
        guard bytes[0] == 5, bytes[2] == 0 else {
            throw EgressRefusal(.badRequest, "invalid SOCKS request")
        }
        guard bytes[1] == 1 else {
            throw EgressRefusal(.badRequest, "a SOCKS command other than CONNECT")
        }
        var start = 4
        var length = 4
        switch bytes[3] {
        case 1: break
        case 3:
            guard bytes.count >= 5 else { return .needMore }
            start = 5
            length = Int(bytes[4])
        case 4: length = 16
        default: throw EgressRefusal(.badRequest, "unknown SOCKS address type")
        }
        let end = start + length
        guard bytes.count >= end + 2 else { return .needMore }
        let host: EgressHost
        if bytes[3] == 3 {
            host = try EgressHost(canonical: bytes[start..<end])
        } else {
            guard let address = IPAddress(bytes: bytes[start..<end]) else {
                throw EgressRefusal(.badHost, "invalid address")
            }
            host = EgressHost(address)
        }
        let port = UInt16(bytes[end]) << 8 | UInt16(bytes[end + 1])
        guard let target = EgressTarget(host, port: port) else {
            throw EgressRefusal(.badRequest, "invalid port")
        }
        state = .done
        return .target(target, rest: Array(bytes[(end + 2)...]))
    }
}
