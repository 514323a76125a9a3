import InterlockModel

/// Bounds of the messages of nodes to each other.
package enum PeerLimits {
    /// The size of a message, in bytes.
    package static let messageBytes = 320 << 10
    /// The size of an answer, in bytes: a page of entries is the largest.
    package static let responseBytes = 8 << 20
    /// The halts in one message, and the bytes of their envelopes above which no further one is added.
    package static let haltsOfMessage = 16
    package static let haltBytesOfMessage = 32 << 10
    /// The halts that wait for a peer; none of them is ever dropped for another one.
    package static let halts = 1024
    /// The entries of one answer, and the bytes of their bodies above which no further one is added.
    package static let entries = 1024
    package static let entryBytes = 4 << 20
    /// The largest body of a use that a witness is asked about, in bytes.
    package static let useBody = 64 << 10
    /// The questions to one peer, as a witness, that wait for their answers.
    package static let witnessQuestions = 16
    /// The messages of one peer in a second.
    package static let messagesPerSecond = 256
}

/// The times at which messages are sent and given up.
package enum PeerTimes {
    /// The interval of beats. Each is given up after `beatLimit`, so a peer that can be reached gets one each second.
    package static let beat = Duration.milliseconds(500)
    package static let beatLimit = Duration.seconds(1)
    package static let haltLimit = Duration.seconds(2)
    package static let entriesLimit = Duration.seconds(5)
    package static let witnessLimit = Duration.seconds(1)
    /// A peer that was not heard for this time counts as silent.
    package static let silence = Duration.seconds(3)

    private static let firstPause = Duration.milliseconds(125)
    private static let longestPause = Duration.seconds(1)

    /// Returns the pause after a number of failures in a row, at least one: it doubles up to a second, less up to half of
    /// it at random.
    ///
    /// - Parameter random: evenly distributed bits.
    package static func pause(afterFailures count: Int, random: UInt64) -> Duration {
        let doublings = min(max(count, 1) - 1, 3)
        let longest = min(firstPause * (1 << doublings), longestPause).microseconds
        return .microseconds(longest - Int64(random % UInt64(longest / 2 + 1)))
    }
}
