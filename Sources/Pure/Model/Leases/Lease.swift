/// For how long a point may rely on the last beat. Not knowing means stopped: it begins without one.
///
/// It runs on the boot clock, which counts suspend. A wall clock that steps by more than a second makes
/// it void until the next beat that counts.
package struct Lease: Sendable, Equatable {
    /// Of consequential calls 4 to 60 s, of low-tier reads 5 to 120 s.
    package struct Terms: Sendable, Equatable {
        package let consequential: Duration
        package let reads: Duration
        package static let usual = Terms(uncheckedConsequential: .seconds(5), .seconds(30))

        private init(uncheckedConsequential: Duration, _ reads: Duration) {
            consequential = uncheckedConsequential
            self.reads = reads
        }

        /// - Returns: nil outside the bounds.
        package init?(consequential: Duration, reads: Duration) {
            guard (.seconds(4)...(.seconds(60))).contains(consequential),
                (.seconds(5)...(.seconds(120))).contains(reads)
            else { return nil }
            self.init(uncheckedConsequential: consequential, reads)
        }
    }

    /// Why a beat does not count.
    package enum Refusal: Error, Sendable, Equatable {
        case signature
        case otherOrganisation
        case unknownNode
        case oldTerm
        case replayed
        /// The point does not hold that epoch: it fetches it, then the beat may be tried again.
        case unknownEpoch(Int64)
        case late
        case future
    }

    /// The kinds of call that end at different times.
    package enum Use: Sendable { case consequential, lowTierRead }

    /// Kept of each lease for clocks that differ.
    package static let skew = Duration.seconds(1)

    private let terms: Terms
    private var term: Int64 = -1
    private var seq: Int64 = -1
    /// The age of the last beat is counted from here; nil while nothing may be relied on.
    private var base: BootTime?
    /// Wall less boot time, in microseconds, when the last beat counted.
    private var offset: Int64?

    package init(_ terms: Terms) { self.terms = terms }

    /// - Parameters:
    ///   - isSigned: whether the signature is by the key of the node that the beat names.
    ///   - nodes: those that are registered.
    ///   - holds: the digest of the epoch with that number, where the point has it.
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
        // The age on arrival is subtracted; a beat from a clock ahead of ours is not younger than now.
        base = now.boot + (.zero - max(.zero, age))
        offset = now.wall.microseconds - now.boot.microseconds
    }

    /// Looks at the clock: a wall clock that stepped makes the lease void.
    package mutating func look(at now: ClockReading) {
        guard let offset else { return }
        let drift = (now.wall.microseconds - now.boot.microseconds) - offset
        if abs(drift) > Self.skew.microseconds {
            base = nil
            self.offset = nil
        }
    }

    /// Whether calls of this kind may be let through now.
    package func holds(_ use: Use, at now: BootTime) -> Bool {
        guard let base else { return false }
        let life = use == .consequential ? terms.consequential : terms.reads
        return now < base + (life - Self.skew) && now >= base
    }

    /// The stated worst case of a point that hears nothing.
    package func bound(of use: Use) -> Duration {
        use == .consequential ? terms.consequential : terms.reads
    }
}
