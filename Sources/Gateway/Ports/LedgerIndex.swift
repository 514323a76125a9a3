import Synchronization

/// The progress of the log's index, as last reported by its maintainer. No call waits for the index.
package final class IndexProgress: Sendable {
    private let current = Mutex(IndexStatus(size: 0, fault: nil))

    package init() {}

    package var status: IndexStatus {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

package struct IndexStatus: Sendable, Hashable {
    /// The number of records, from the start of the log, that the index covers.
    package var size: UInt64
    /// The reason why indexing fails now; it is retried.
    package var fault: String?

    package init(size: UInt64, fault: String?) {
        self.size = size
        self.fault = fault
    }
}

/// The number of calls in a run, according to the index.
package struct RunTally: Sendable, Hashable {
    /// The number of calls permitted, sent to people, or refused.
    package var calls: Int
    package var denials: Int
    package var isEnded: Bool

    package init(calls: Int = 0, denials: Int = 0, isEnded: Bool = false) {
        self.calls = calls
        self.denials = denials
        self.isEnded = isEnded
    }
}
