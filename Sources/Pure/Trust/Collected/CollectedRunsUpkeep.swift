import InterlockLedger
package import InterlockModel

/// Decides when a gateway writes its cache of collected runs. A reader reads what follows the cache from the log, so it
/// needs not be newer than that takes a moment.
package struct CollectedRunsUpkeep: Sendable, Equatable {
    /// The index of the first record that was read.
    package let first: UInt64
    /// The size of the log up to which the runs were collected.
    package let size: UInt64
    /// The digest of what they were collected by.
    package let basis: Digest
    /// The time at which the whole log was read last.
    package let counted: Timestamp

    package enum Step: Sendable, Equatable {
        case nothing
        /// Read what follows the cache.
        case extend
        /// Read the whole log.
        case recount
    }

    /// A shorter log is read whole in less than a tenth of a second.
    package static let fewest: UInt64 = 10_000
    /// The records behind the cache from which it is extended.
    package static let mostBehind: UInt64 = 20_000
    /// The time after which the whole log is read again: what payloads and policies say may be gone without a record.
    package static let longest = Duration.seconds(86_400)
    /// The age from which a cache is not used, also if no gateway runs that would make it anew.
    package static let oldest = Duration.seconds(2 * 86_400)

    package init(first: UInt64, size: UInt64, basis: Digest, counted: Timestamp) {
        self.first = first
        self.size = size
        self.basis = basis
        self.counted = counted
    }

    package init(_ runs: CollectedRuns, basis: Digest) {
        self.init(
            first: runs.runs.first, size: runs.range.size, basis: basis, counted: runs.counted)
    }

    /// - Parameters:
    ///   - last: the cache that was written last; nil if there is none that can be used.
    ///   - first: the oldest record of the log that was not pruned.
    ///   - size: that of the log.
    ///   - basis: the digest of what runs would be collected by now.
    ///   - isErased: true if a payload was erased since.
    ///   - tooLarge: the time at which the runs were found to be more than a file may have; nil if they never were.
    package static func step(
        after last: CollectedRunsUpkeep?, first: UInt64, size: UInt64, basis: Digest,
        isErased: Bool, tooLarge: Timestamp? = nil, at now: Timestamp
    ) -> Step {
        guard size >= first, size - first >= fewest else { return .nothing }
        if let tooLarge, now >= tooLarge, now - tooLarge < longest { return .nothing }
        guard let last, last.basis == basis, last.first == first, last.size <= size, !isErased
        else { return .recount }
        let age = now - last.counted
        // The time of the reading is not known if a clock was set back since.
        guard age >= .zero, age < longest else { return .recount }
        return size - last.size >= mostBehind ? .extend : .nothing
    }
}
