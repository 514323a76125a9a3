import InterlockModel

/// One other node, and the messages to it that wait.
struct PeerState: Hashable, Sendable {
    var keys: MemberKeys
    /// Host and port; nil if it is not known where the node is.
    var authority: String?

    /// The number of the newest message to the peer.
    var number: Int64 = 0
    /// The messages that wait for an answer, by number: one beat, one of halts, one for entries, and questions to a
    /// witness at most.
    var waiting: [Int64: PeerMessage] = [:]

    var nextBeat: BootTime
    /// The beats in a row that failed.
    var failedBeats = 0
    /// The first halt that the peer has not answered.
    var firstHalt: Int64
    var nextHalts: BootTime
    var failedHalts = 0

    var heard: BootTime?
    var isUp = false
    var head: ChainHead?

    var window = MessageWindow()
    /// The second in which the peer sent the messages that are counted.
    private var second: Int64 = 0
    private var messages = 0

    init(keys: MemberKeys, authority: String?, firstHalt: Int64, nextBeat: BootTime) {
        self.keys = keys
        self.authority = authority
        self.firstHalt = firstHalt
        self.nextBeat = nextBeat
        nextHalts = nextBeat
    }

    func isWaiting(for kind: PeerMessage.Kind) -> Bool { count(of: kind) > 0 }

    func count(of kind: PeerMessage.Kind) -> Int {
        waiting.values.count(where: { $0.content.kind == kind })
    }

    /// Returns true if the peer may send one more message in this second.
    mutating func admits(at now: BootTime) -> Bool {
        let current = now.microseconds / 1_000_000
        if current != second {
            second = current
            messages = 0
        }
        messages += 1
        return messages <= PeerLimits.messagesPerSecond
    }
}
