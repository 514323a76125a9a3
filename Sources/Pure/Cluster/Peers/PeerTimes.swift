import InterlockModel

/// The times at which messages are sent and given up.
package enum PeerTimes {
    /// The interval of beats. Each is given up after `beatLimit`, so a peer that can be reached gets one each second.
    package static let beat = Duration.milliseconds(500)
    package static let beatLimit = Duration.seconds(1)
    package static let haltLimit = Duration.seconds(2)
    package static let entriesLimit = Duration.seconds(5)
    package static let witnessLimit = Duration.seconds(1)
    /// The time without a byte after which a request of an agent at another node is given up. The node that serves it holds
    /// its response back for people and for servers; the loss of a node is known before.
    package static let forwardIdle = Duration.seconds(900)
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
