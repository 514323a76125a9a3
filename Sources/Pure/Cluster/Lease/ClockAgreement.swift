package import InterlockModel

/// The agreement of a node's wall clock with those of the others. A node that is off by more than one second is not
/// ready (docs/specs/cluster.md, section 5); no lease depends on a wall clock.
///
/// Other clocks are compared with the boot clock, which never steps, and the wall clock with these at each question. So a
/// step of the wall clock counts at once, also against what was read before it.
package struct ClockAgreement: Hashable, Sendable {
    /// Another clock that is read: that of the store, or of a peer.
    package enum Source: Hashable, Sendable {
        case store
        case peer(NodeName)
    }

    /// The bounds that one exchange proves for the distance of the other clock from this node's boot clock, in
    /// microseconds.
    private struct Reading: Hashable, Sendable {
        let least: Int64
        let most: Int64
        let at: BootTime
    }

    /// The largest difference of a node that is ready.
    package static let tolerance = Duration.seconds(1)
    /// The time for which a reading counts.
    package static let memory = Duration.seconds(10)

    private var readings: [Source: Reading] = [:]

    package init() {}

    /// A time that another clock had between two readings of this node's boot clock.
    package mutating func hear(
        _ source: Source, _ time: Timestamp, sent: BootTime, received: BootTime
    ) {
        guard sent <= received else { return }
        // A time out of any sensible range is off, and must not overflow.
        let other = min(max(time.microseconds, 0), 1 << 60)
        readings[source] = Reading(
            least: other - received.microseconds, most: other - sent.microseconds, at: received)
    }

    /// Returns true if at most a second lies between the wall clock of now and more than half of the clocks that were
    /// read lately; false also if none was read.
    package func isReady(at now: ClockReading) -> Bool {
        let recent = readings.values.filter { now.boot - $0.at <= Self.memory }
        let tolerance = Self.tolerance.microseconds
        let own = now.wall.microseconds - now.boot.microseconds
        let near = recent.count(where: {
            $0.least - own <= tolerance && $0.most - own >= 0 - tolerance
        })
        return near * 2 > recent.count
    }
}
