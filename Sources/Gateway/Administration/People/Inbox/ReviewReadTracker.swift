package import InterlockModel

/// Who has which review open since when, and what of it was on screen: by the gateway's own clock. A value,
/// bounded in number; what is forgotten has to be opened again.
package struct ReviewReadTracker: Sendable {
    package struct Key: Hashable, Sendable {
        /// The session's form token, which is made from its secret.
        let session: String
        let request: ApprovalID
        let revision: Int

        package init(_ session: PersonSession, _ request: ApprovalID, revision: Int) {
            self.session = session.formToken
            self.request = request
            self.revision = revision
        }
    }

    private struct Entry {
        let opened: BootTime
        /// When the browser of the session first proved that it shows the page: reading takes time from then on.
        var began: BootTime?
        var parts: Set<ReviewPart> = []
        /// Of the newest statement that this page was given.
        var nonce: [UInt8]?
    }

    package static let most = 20_000
    /// Longer than any session lasts.
    package static let life = Duration.seconds(12 * 3600)

    private var entries: [Key: Entry] = [:]

    package init() {}

    /// - Returns: whether it was opened for the first time.
    package mutating func open(_ key: Key, at now: BootTime) -> Bool {
        guard entries[key] == nil else { return false }
        if entries.count >= Self.most {
            entries = entries.filter { now - $0.value.opened < Self.life }
        }
        if entries.count >= Self.most,
            let oldest = entries.min(by: { $0.value.opened < $1.value.opened })
        {
            entries[oldest.key] = nil
        }
        entries[key] = Entry(opened: now)
        return true
    }

    package mutating func see(_ parts: Set<ReviewPart>, _ key: Key, at now: BootTime) {
        guard var entry = entries[key] else { return }
        entry.parts.formUnion(parts)
        entry.began = entry.began ?? now
        entries[key] = entry
    }

    /// What still keeps this reader from approving; nil when nothing does.
    package func objection(
        _ key: Key, floor: Duration, at now: BootTime
    ) -> VotingRefusal? {
        guard let entry = entries[key], let began = entry.began,
            entry.parts == Set(ReviewPart.allCases)
        else { return .notFullyViewed }
        let read = now - began
        return read < floor ? .tooFast(left: floor - read) : nil
    }

    package mutating func give(_ nonce: [UInt8], to key: Key) { entries[key]?.nonce = nonce }

    /// Whether the nonce is the newest of this page; gone afterwards.
    package mutating func take(_ nonce: [UInt8], of key: Key) -> Bool {
        guard entries[key]?.nonce == nonce else { return false }
        entries[key]?.nonce = nil
        return true
    }

    package mutating func forget(_ key: Key) { entries[key] = nil }
}
