package import InterlockLedger
package import InterlockPorts

/// Writes where the log's records about people are into the log, as it grows and at a clean stop, so that the next
/// start need not read all of it. If that fails, the next start reads more records.
package actor RecordTrailWriter {
    /// A start reads at most about so many records after the newest places.
    package static let mostUnread: UInt64 = 100_000
    /// A shorter end of the log is read by the next start at a clean stop, too.
    package static let fewest: UInt64 = 1_000

    package typealias Follow =
        @Sendable (RecordTrail) async throws(StoreFailure) -> RecordTrail

    private var trail: RecordTrail
    private let ledger: any Ledger
    private let follow: Follow
    private let warn: @Sendable (String) -> Void
    private var isBusy = false
    /// The size of the log from which places are written next.
    private var due: UInt64

    /// - Parameters:
    ///   - trail: what the start has read.
    ///   - follow: continues a trail with the records that were added since.
    ///   - warn: receives the reason if nothing could be written.
    package init(
        _ trail: RecordTrail, ledger: any Ledger, follow: @escaping Follow,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.trail = trail
        self.ledger = ledger
        self.follow = follow
        self.warn = warn
        due = (trail.newest?.places.upTo ?? 0) + Self.mostUnread
    }

    /// Called every second.
    package func sweep() async {
        let size = ledger.status.size
        guard size >= due else { return }
        due = size + Self.mostUnread
        await write()
    }

    /// Called at a clean stop.
    package func keep() async {
        let covered = trail.newest?.places.upTo ?? 0
        guard ledger.status.size >= covered + Self.fewest else { return }
        await write()
    }

    private func write() async {
        guard !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        do throws(StoreFailure) { trail = try await follow(trail) } catch {
            return warn(error.reason)
        }
        do throws(LedgerRefusal) {
            while !trail.isWritten {
                let places = trail.draft
                trail.written(places, at: try await ledger.append(places.draft).index)
            }
        } catch { warn("\(error.code): \(error.detail)") }
    }
}
