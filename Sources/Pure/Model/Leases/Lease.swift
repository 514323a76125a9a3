/// The period during which a point may rely on the last heartbeat. It starts without one: unknown means stopped.
///
/// It is measured on the boot clock, which includes suspend. A step of the wall clock by more than a second voids it
/// until the next accepted heartbeat.
package struct Lease: Sendable, Equatable {
    /// The durations of a lease: 4 to 60 s for consequential calls, 5 to 120 s for low-tier reads.
    package struct Terms: Sendable, Equatable {
        package let consequential: Duration
        package let reads: Duration
        package static let usual = Terms(uncheckedConsequential: .seconds(5), .seconds(30))

        private init(uncheckedConsequential: Duration, _ reads: Duration) {
            consequential = uncheckedConsequential
            self.reads = reads
        }

        /// - Returns: nil if a duration is out of bounds.
        package init?(consequential: Duration, reads: Duration) {
            guard (.seconds(4)...(.seconds(60))).contains(consequential),
                (.seconds(5)...(.seconds(120))).contains(reads)
            else { return nil }
            self.init(uncheckedConsequential: consequential, reads)
        }
    }

    /// The reason why a heartbeat is rejected.
    package enum Refusal: Error, Sendable, Equatable {
        case signature
        case otherOrganisation
        case unknownNode
        case oldTerm
        case replayed
        /// The point does not have that epoch; after fetching it, the point may try the heartbeat again.
        case unknownEpoch(Int64)
        case late
        case future
    }

    /// The kinds of call whose leases end at different times.
    package enum Use: Sendable { case consequential, lowTierRead }

    /// The part of each lease that is reserved for differences between clocks.
    package static let skew = Duration.seconds(1)

    private let terms: Terms
    private var term: Int64 = -1
    private var seq: Int64 = -1
    /// The time from which the age of the last heartbeat is measured, or nil if no lease is valid.
    private var base: BootTime?
    /// The wall time minus the boot time, in microseconds, at the last accepted heartbeat.
    private var offset: Int64?

    package init(_ terms: Terms) { self.terms = terms }

    /// - Parameters:
    ///   - isSigned: true if the signature is by the key of the node that the heartbeat names.
    ///   - nodes: the registered nodes.
    ///   - holds: returns the digest of the epoch with that number, or nil if the point does not have it.
    package mutating func take(
        _ beat: EpochHeartbeat, org: String, isSigned: Bool, nodes: Set<String>,
        holds: (Int64) -> Digest?, now: ClockReading
    ) throws(Refusal) {
        guard isSigned else { throw .signature }
        guard beat.org == org else { throw .otherOrganisation }
        guard nodes.contains(beat.node) else { throw .unknownNode }
        guard beat.term >= term else { throw .oldTerm }
        guard beat.term > term || beat.seq > seq else { throw .replayed }
        let age = now.wall - beat.at
        guard age <= terms.consequential else { throw .late }
        guard age >= .zero - Self.skew else { throw .future }
        guard holds(beat.epoch) == beat.digest else { throw .unknownEpoch(beat.epoch) }
        term = beat.term
        seq = beat.seq
        // The age on arrival is subtracted. A heartbeat from a clock ahead of ours counts as sent now, not later.
        base = now.boot + (.zero - max(.zero, age))
        offset = now.wall.microseconds - now.boot.microseconds
    }

    /// Compares both clocks and voids the lease if the wall clock stepped.
    package mutating func look(at now: ClockReading) {
        guard let offset else { return }
        let drift = (now.wall.microseconds - now.boot.microseconds) - offset
        if abs(drift) > Self.skew.microseconds {
            base = nil
            self.offset = nil
        }
    }

    /// Returns true if calls of this kind may be admitted now.
    package func holds(_ use: Use, at now: BootTime) -> Bool {
        guard let base else { return false }
        let life = use == .consequential ? terms.consequential : terms.reads
        return now < base + (life - Self.skew) && now >= base
    }

    /// Returns the longest time for which a point that receives no heartbeat admits calls.
    package func bound(of use: Use) -> Duration {
        use == .consequential ? terms.consequential : terms.reads
    }
}
