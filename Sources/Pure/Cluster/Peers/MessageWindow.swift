/// The numbers of the messages that came from one peer: each is taken once. Messages may overtake each other on several
/// connections, so the last 64 numbers are remembered, and what is older counts as repeated.
package struct MessageWindow: Hashable, Sendable {
    private static let size: Int64 = 64
    /// Earlier processes of the peer whose messages are refused.
    private static let rememberedSessions = 16

    private var session: PeerSession?
    private var highest: Int64 = 0
    /// Bit i is set if `highest - i` was taken.
    private var taken: UInt64 = 0
    private var ended: [PeerSession] = []

    package init() {}

    /// Returns true if the message was not taken before, and remembers it.
    ///
    /// - Parameter number: at least 1.
    package mutating func take(_ session: PeerSession, _ number: Int64) -> Bool {
        guard number >= 1, !ended.contains(session) else { return false }
        if session != self.session {
            if let former = self.session { ended.append(former) }
            if ended.count > Self.rememberedSessions { ended.removeFirst() }
            self.session = session
            highest = number
            taken = 1
            return true
        }
        if number > highest {
            let step = number - highest
            taken = step < Self.size ? taken << UInt64(step) | 1 : 1
            highest = number
            return true
        }
        let age = highest - number
        guard age < Self.size, taken & 1 << UInt64(age) == 0 else { return false }
        taken |= 1 << UInt64(age)
        return true
    }
}
