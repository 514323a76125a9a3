/// Reads the greeting of SOCKS5 and a name with a password (RFC 1928, section 3; RFC 1929), from bytes in any pieces. The
/// request that follows is for `SOCKSReader(afterGreeting:)`.
package struct SOCKSPasswordReader: Sendable {
    package enum Event: Equatable, Sendable {
        case needMore
        /// The greeting is complete; `passwordMethod` must be sent, then reading continues.
        case greeted
        /// The client offers no password; `SOCKSReader.noMethod` must be sent.
        case noMethod
        /// The password is right; `accepted` must be sent. `rest` arrived after it.
        case accepted(rest: [UInt8])
        /// It is wrong; `refused` must be sent.
        case refused
    }

    /// The answer to a greeting: the method with a name and a password.
    package static let passwordMethod: [UInt8] = [5, 2]
    package static let accepted: [UInt8] = [1, 0]
    package static let refused: [UInt8] = [1, 1]

    private enum State { case greeting, password, done }
    private let password: ProxyPassword
    private var state = State.greeting
    private var bytes: [UInt8] = []

    package init(_ password: ProxyPassword) { self.password = password }

    /// Must not be called after `noMethod`, `accepted` or `refused`. After `greeted` it may be called with no bytes.
    package mutating func read(_ piece: some Sequence<UInt8>) throws(EgressRefusal) -> Event {
        bytes.append(contentsOf: piece)
        switch state {
        case .greeting: return try readGreeting()
        case .password: return try readPassword()
        case .done: return .needMore
        }
    }

    private mutating func readGreeting() throws(EgressRefusal) -> Event {
        guard let version = bytes.first else { return .needMore }
        guard version == 5 else { throw EgressRefusal(.badRequest, "not version 5 of SOCKS") }
        guard bytes.count >= 2, bytes.count >= 2 + Int(bytes[1]) else { return .needMore }
        let count = Int(bytes[1])
        let offersPassword = bytes[2..<(2 + count)].contains(2)
        bytes.removeFirst(2 + count)
        state = offersPassword ? .password : .done
        return offersPassword ? .greeted : .noMethod
    }

    private mutating func readPassword() throws(EgressRefusal) -> Event {
        guard let version = bytes.first else { return .needMore }
        guard version == 1 else { throw EgressRefusal(.badRequest, "invalid SOCKS password") }
        guard bytes.count >= 2, bytes.count >= 3 + Int(bytes[1]) else { return .needMore }
        let end = 2 + Int(bytes[1])
        let length = Int(bytes[end])
        guard bytes.count >= end + 1 + length else { return .needMore }
        state = .done
        let isRight = password.accepts(
            user: bytes[2..<end], password: Array(bytes[(end + 1)..<(end + 1 + length)]))
        return isRight ? .accepted(rest: Array(bytes[(end + 1 + length)...])) : .refused
    }
}
