package import InterlockModel
package import InterlockPorts

/// Tracks which session opened which review, when, and which parts were displayed, by the gateway's own clock. A value
/// of bounded size; a forgotten review must be opened again.
package struct ReviewReadTracker: Sendable {
    package typealias Key = ReviewPageKey

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

    /// Returns nil if reading has not begun.
    package func progress(of key: Key, at now: BootTime) -> ReviewProgress? {
        guard let entry = entries[key], let began = entry.began else { return nil }
        return ReviewProgress(parts: entry.parts, time: now - began)
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

extension OneNodeRegistry: ReviewReadings, PageStatements where Value == ReviewReadTracker {
    package func open(_ page: ReviewPageKey, at now: BootTime) -> Bool {
        change { $0.open(page, at: now) }
    }

    package func see(_ parts: Set<ReviewPart>, _ page: ReviewPageKey, at now: BootTime) {
        change { $0.see(parts, page, at: now) }
    }

    package func progress(of page: ReviewPageKey, at now: BootTime) -> ReviewProgress? {
        change { $0.progress(of: page, at: now) }
    }

    package func forget(_ page: ReviewPageKey) { change { $0.forget(page) } }

    package func give(_ nonce: [UInt8], to page: ReviewPageKey) {
        change { $0.give(nonce, to: page) }
    }

    package func take(_ nonce: [UInt8], of page: ReviewPageKey) -> Bool {
        change { $0.take(nonce, of: page) }
    }
}
