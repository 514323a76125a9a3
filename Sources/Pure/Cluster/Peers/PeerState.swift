import InterlockModel

/// One other node, and the messages to it that wait.
struct PeerState: Hashable, Sendable {
    /// The time from which messages of one kind are sent again. It is later after failures.
    struct Schedule: Hashable, Sendable {
        var next: BootTime
        /// Those in a row.
        private var failures = 0

        init(next: BootTime) { self.next = next }

        mutating func answered() { failures = 0 }

        mutating func failed(at now: BootTime, random: UInt64) {
            failures += 1
            next = now + PeerTimes.pause(afterFailures: failures, random: random)
        }
    }

    var keys: MemberKeys
    /// Host and port; nil if it is not known where the node is.
    var authority: String?

    /// The number of the newest message to the peer.
    var number: Int64 = 0
    /// The messages that wait for an answer, by number: one beat, one of halts, one for entries, and questions to a
    /// witness at most.
    var waiting: [Int64: PeerMessage] = [:]

    var beats: Schedule
    /// The first halt that the peer has not answered.
    var firstHalt: Int64
    var halts: Schedule

    var heard: BootTime?
    var isUp = false
    var head: ChainHead?

    var window = MessageWindow()
    /// The second in which the peer sent the messages that are counted.
    private var second: Int64 = 0
    private var messages = 0

    init(keys: MemberKeys, firstHalt: Int64, nextBeat: BootTime) {
        self.keys = keys
        beats = Schedule(next: nextBeat)
        self.firstHalt = firstHalt
        halts = Schedule(next: nextBeat)
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
