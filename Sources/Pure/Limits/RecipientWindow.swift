package import InterlockModel

/// A limit on the different recipients that an agent names to a tool (docs/specs/limits-and-monitoring.md, section 2).
package struct RecipientLimit: Sendable, Hashable {
    /// The path of names to the recipients in the arguments; it passes through arrays too.
    package let path: [String]
    package let most: PaceRate

    package static let counts: ClosedRange<Int64> = 1...10_000

    /// - Returns: nil if the path is empty or the number is out of bounds.
    package init?(path: [String], most: PaceRate) {
        guard !path.isEmpty, Self.counts.contains(most.count) else { return nil }
        self.path = path
        self.most = most
    }
}

/// The different recipients that one agent has named to one tool, each until its window has passed since it was named
/// last.
package struct RecipientWindow: Sendable {
    private struct Entry {
        /// The time of the last call that named it.
        var last: Timestamp
        /// The time that is stored, or nil if none is.
        var stored: Timestamp?
    }
    /// INVARIANT: never more than the limit, so its size is bounded.
    private var named: [Digest: Entry] = [:]

    package init() {}

    /// Adds a recipient that was named before this process started.
    package mutating func restore(_ recipient: Digest, at time: Timestamp) {
        let last = max(time, named[recipient]?.last ?? time)
        named[recipient] = Entry(last: last, stored: last)
    }

    /// Counts the recipients of one call, all or none.
    ///
    /// - Returns: the recipients whose time must be stored: those that are not stored, and those whose stored time is older than
    ///   a sixtieth of the window. After a restart a recipient leaves the window at most that much early.
    /// - Throws: the number in the window and the time at which the call fits.
    package mutating func take(
        _ recipients: Set<Digest>, _ limit: RecipientLimit, named limitName: String,
        at now: Timestamp
    ) throws(LimitExceeded) -> [Digest] {
        let length = Duration.seconds(limit.most.seconds)
        named = named.filter { now < $0.value.last + length }
        let fresh = recipients.filter { named[$0] == nil }
        let most = Int(limit.most.count)
        guard named.count + fresh.count <= most else {
            throw LimitExceeded(
                demand: LimitDemand(
                    limit: limitName, seconds: limit.most.seconds, amount: Int64(fresh.count),
                    most: limit.most.count), taken: Int64(named.count),
                free: free(for: fresh.count, of: most, besides: recipients).map { $0 + length })
        }
        var unstored: [Digest] = []
        for recipient in recipients {
            let stored = named[recipient]?.stored
            if stored.map({ now >= $0 + length / 60 }) ?? true { unstored.append(recipient) }
            named[recipient] = Entry(last: now, stored: stored)
        }
        return unstored
    }

    /// Notes that these recipients are stored with this time. Until then each call that names one of them stores it.
    package mutating func store(_ recipients: [Digest], at time: Timestamp) {
        for recipient in recipients { named[recipient]?.stored = time }
    }

    /// Returns the number of recipients in the window that ends now.
    package func count(_ limit: RecipientLimit, at now: Timestamp) -> Int {
        named.values.count { now < $0.last + .seconds(limit.most.seconds) }
    }

    /// Returns the time at which the last of those was named that must leave the window first; nil if the call never fits.
    private func free(
        for fresh: Int, of most: Int, besides recipients: Set<Digest>
    ) -> Timestamp? {
        let leaving = named.count + fresh - most
        let others = named.filter { !recipients.contains($0.key) }.values.map(\.last).sorted()
        return leaving <= others.count ? others[leaving - 1] : nil
    }
}
