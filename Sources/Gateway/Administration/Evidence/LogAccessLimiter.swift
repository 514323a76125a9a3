import InterlockLimits
package import InterlockModel
import Synchronization

/// How much of the log each person and service reads at once and in a minute: nobody fills the queues in which
/// others wait, and nobody makes the log grow as they like by looking, since each look is a record. Looks that find nothing count.
package final class LogAccessLimiter: Sendable {
    package enum Kind: Sendable {
        /// What one page shows, or the file of one record.
        case page
        /// An archive, a bundle or a replay.
        case file

        /// Of one reader, at once.
        package var most: Int {
            switch self {
            case .page: 2
            case .file: 1
            }
        }
    }

    /// A look that has begun. Whoever has it ends it, once.
    struct Access {
        fileprivate let book: LogAccessLimiter
        fileprivate let kind: Kind
        fileprivate let name: EvidenceReader.Name

        func end() { book.readers.withLock { $0[name]?[kind] -= 1 } }
    }

    /// Looks of one reader at once, and how fast there are more.
    package static let burst = 60
    static let pace = PaceRate.perMinute(120)

    private struct Share {
        var pages = 0
        var files = 0
        var pace = BurstRateLimiter()

        subscript(kind: Kind) -> Int {
            get { kind == .page ? pages : files }
            set { if kind == .page { pages = newValue } else { files = newValue } }
        }
    }

    private let clock: any Clock
    /// As many as people are enrolled, and services had tokens since the start.
    private let readers = Mutex<[EvidenceReader.Name: Share]>([:])

    package init(clock: any Clock) { self.clock = clock }

    /// Called before anything is read.
    ///
    /// - Throws: `.tooMany`, and then there is no look to end.
    func begin(_ kind: Kind, by reader: EvidenceReader) throws(EvidenceRefusal) -> Access {
        let name = reader.name
        let now = clock.boot
        let wait: Duration? = readers.withLock { readers in
            var share = readers[name] ?? Share()
            guard share[kind] < kind.most else { return .seconds(1) }
            if let wait = share.pace.take(Self.pace, burst: Self.burst, at: now) { return wait }
            share[kind] += 1
            readers[name] = share
            return nil
        }
        if let wait { throw .tooMany(wait) }
        return Access(book: self, kind: kind, name: name)
    }
}
