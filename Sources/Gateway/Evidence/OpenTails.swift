import InterlockModel
import InterlockPorts
import Synchronization

/// The tails of the log that readers have open: each reader at most one. Opening one is on record, and covers the counts
/// of new records that follow for `length` (docs/decisions/0063-live-tail.md).
final class OpenTails: Sendable {
    static let length = Duration.seconds(3600)

    private let clock: any Clock
    private let tails = Mutex<[EvidenceReader.Name: (query: RecordQuery, end: BootTime)]>([:])

    init(clock: any Clock) { self.clock = clock }

    /// Opens a tail in the place of the reader's last one. Must be called after the opening is on record.
    func open(_ query: RecordQuery, by reader: EvidenceReader) {
        let now = clock.boot
        tails.withLock { tails in
            tails = tails.filter { $0.value.end > now }
            tails[reader.name] = (query, now + Self.length)
        }
    }

    func isOpen(_ query: RecordQuery, by reader: EvidenceReader) -> Bool {
        let now = clock.boot
        return tails.withLock { tails in
            tails[reader.name].map { $0.query == query && $0.end > now } ?? false
        }
    }
}
