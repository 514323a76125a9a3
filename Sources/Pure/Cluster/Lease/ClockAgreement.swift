package import InterlockModel

/// The agreement of a node's wall clock with those of the others. A node that is off by more than one second is not
/// ready (docs/specs/cluster.md, section 5); no lease depends on a wall clock.
package struct ClockAgreement: Hashable, Sendable {
    /// Another clock that is read: that of the store, or of a peer.
    package enum Source: Hashable, Sendable {
        case store
        case peer(NodeName)
    }

    /// The bounds that one exchange proves for the distance of the other clock, in microseconds.
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

    /// A time that another clock had between two readings of this node's clocks.
    package mutating func hear(
        _ source: Source, _ time: Timestamp, sent: ClockReading, received: ClockReading
    ) {
        guard sent.boot <= received.boot else { return }
        // A step of the own clock in between makes the reading void.
        let passed = (received.boot - sent.boot).microseconds
        let stepped = received.wall.microseconds - sent.wall.microseconds - passed
        guard stepped.magnitude < 500_000 else { return }
        // A time out of any sensible range is off, and must not overflow.
        let other = min(max(time.microseconds, 0), 1 << 60)
        readings[source] = Reading(
            least: other - received.wall.microseconds, most: other - sent.wall.microseconds,
            at: received.boot)
    }

    /// Returns false if more than half of the clocks that were read lately are further away than a second, or if none was
    /// read.
    package func isReady(at now: BootTime) -> Bool {
        let recent = readings.values.filter { now - $0.at <= Self.memory }
        let tolerance = Self.tolerance.microseconds
        let off = recent.count(where: { $0.least > tolerance || $0.most < 0 - tolerance })
        return !recent.isEmpty && off * 2 <= recent.count
    }
}
