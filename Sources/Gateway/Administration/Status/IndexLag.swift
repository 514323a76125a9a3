import InterlockModel
import Synchronization

/// The delay of the log's index, which must reach within half a minute what the log has.
struct IndexLag: Sendable {
    static let patience = Duration.seconds(30)
    private static let pause = Duration.seconds(10)

    /// Sizes of the log, oldest first: the newest that is older than `patience`, and those after it.
    private var sizes: [(at: BootTime, size: UInt64)] = []
    /// The number of records that are missing in the index for too long; 0 while it keeps up.
    private(set) var missing: UInt64 = 0

    /// Called about twice a second.
    ///
    /// - Parameters:
    ///   - size: the number of records of the log.
    ///   - indexed: the number of those that the index has.
    mutating func look(size: UInt64, indexed: UInt64, at now: BootTime) {
        if sizes.last.map({ now - $0.at >= Self.pause }) ?? true { sizes.append((now, size)) }
        while sizes.count > 1, now - sizes[1].at >= Self.patience { sizes.removeFirst() }
        guard let oldest = sizes.first, now - oldest.at >= Self.patience, indexed < oldest.size
        else {
            missing = 0
            return
        }
        missing = oldest.size - indexed
    }
}

/// The delay of the index as its sweep saw it last, for checks on other threads.
final class IndexLagMonitor: Sendable {
    private let lag = Mutex(IndexLag())
    var missing: UInt64 { lag.withLock { $0.missing } }

    func look(size: UInt64, indexed: UInt64, at now: BootTime) {
        lag.withLock { $0.look(size: size, indexed: indexed, at: now) }
    }
}
