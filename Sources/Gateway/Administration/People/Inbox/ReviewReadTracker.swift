package import InterlockModel

/// Tracks which session opened which review, when, and which parts were displayed, by the gateway's own clock. A value
/// of bounded size; a forgotten review must be opened again.
package struct ReviewReadTracker: Sendable {
    package struct Key: Hashable, Sendable {
        /// The session's form token, which is derived from its secret.
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
        /// The first report from the session's browser that it displays the page; reading time counts from here.
        var began: BootTime?
        var parts: Set<ReviewPart> = []
        /// The nonce of the newest statement issued to this page.
        var nonce: [UInt8]?
    }

    package static let most = 20_000
    /// Longer than any session.
    package static let life = Duration.seconds(12 * 3600)

    private var entries: [Key: Entry] = [:]

    package init() {}

    /// - Returns: true if this session opens the review for the first time.
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

    /// The reading rule that still prevents this reader from approving, or nil if all are met.
    package func objection(_ key: Key, floor: Duration, at now: BootTime) -> VotingRefusal? {
        guard let entry = entries[key], let began = entry.began,
            entry.parts == Set(ReviewPart.allCases)
        else { return .notFullyViewed }
        let read = now - began
        return read < floor ? .tooFast(left: floor - read) : nil
    }

    package mutating func give(_ nonce: [UInt8], to key: Key) { entries[key]?.nonce = nonce }

    /// Returns whether the nonce is the newest of this page, and uses it up if so.
    package mutating func take(_ nonce: [UInt8], of key: Key) -> Bool {
        guard entries[key]?.nonce == nonce else { return false }
        entries[key]?.nonce = nil
        return true
    }

    package mutating func forget(_ key: Key) { entries[key] = nil }
}
