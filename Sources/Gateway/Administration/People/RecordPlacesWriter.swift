package import InterlockLedger
package import InterlockPorts

/// Writes where the log's records about people are into the log, as it grows and at a clean stop, so that the next
/// start need not read all of it. If that fails, the next start reads more records.
package actor RecordPlacesWriter {
    /// A start reads at most about so many records after the newest places.
    package static let mostUnread: UInt64 = 100_000
    /// A shorter end of the log is read by the next start at a clean stop, too.
    package static let fewest: UInt64 = 1_000

    package typealias Follow =
        @Sendable (KnownPlaces) async throws(StoreFailure) -> KnownPlaces

    private var known: KnownPlaces
    private let ledger: any Ledger
    private let follow: Follow
    private let warn: @Sendable (String) -> Void
    private var isBusy = false
    /// The size of the log from which places are written next.
    private var due: UInt64

    /// - Parameters:
    ///   - known: what the start has read.
    ///   - follow: continues with the records that were added since.
    ///   - warn: receives the reason if nothing could be written.
    package init(
        _ known: KnownPlaces, ledger: any Ledger, follow: @escaping Follow,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.known = known
        self.ledger = ledger
        self.follow = follow
        self.warn = warn
        due = (known.newest?.places.upTo ?? 0) + Self.mostUnread
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
        let covered = known.newest?.places.upTo ?? 0
        guard ledger.status.size >= covered + Self.fewest else { return }
        await write()
    }

    private func write() async {
        guard !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        do throws(StoreFailure) { known = try await follow(known) } catch {
            return warn(error.reason)
        }
        do throws(LedgerRefusal) {
            while !known.isWritten {
                let places = known.draft
                known.written(places, at: try await ledger.append(places.draft).index)
            }
        } catch { warn("\(error.code): \(error.detail)") }
    }
}
