import InterlockLimits
package import InterlockModel
import Synchronization

/// Limits how many accesses to the log each person and service account has at once and in a minute, so that no reader
/// fills the queues in which others wait or makes the log grow at will: each access is a record. Accesses that find
/// nothing count too.
///
/// INVARIANT: log access by one person or service account cannot exhaust the queue of readers or fill the log. Kept
/// by `EvidenceDeskTests`.
package final class LogAccessLimiter: Sendable {
    package enum Kind: Sendable {
        /// The content of one page, or the file of one record.
        case page
        /// An archive, a bundle or a replay.
        case file

        /// The most accesses of one reader at once.
        package var most: Int {
            switch self {
            case .page: 2
            case .file: 1
            }
        }
    }

    /// An access that has begun. Its holder must end it exactly once.
    package struct Access {
        fileprivate let book: LogAccessLimiter
        fileprivate let kind: Kind
        fileprivate let name: EvidenceReader.Name

        package func end() { book.readers.withLock { $0[name]?[kind] -= 1 } }
    }

    /// The most accesses of one reader in a burst; `pace` is the rate of further ones.
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
    /// Has at most one entry for each enrolled person, and for each service account that had a token since the start.
    private let readers = Mutex<[EvidenceReader.Name: Share]>([:])

    package init(clock: any Clock) { self.clock = clock }

    /// Must be called before anything is read.
    ///
    /// - Throws: `.tooMany`; there is then no access to end.
    package func begin(_ kind: Kind, by reader: EvidenceReader) throws(EvidenceRefusal) -> Access {
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
