import Synchronization

/// How far the index of the log is, as its keeper last said. Nobody waits for the index.
package final class IndexProgress: Sendable {
    private let current = Mutex(IndexStatus(size: 0, fault: nil))

    package init() {}

    package var status: IndexStatus {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

package struct IndexStatus: Sendable, Hashable {
    /// The first records of the log, as many as the index can find.
    package var size: UInt64
    /// Why the index is not kept now; it is tried again.
    package var fault: String?

    package init(size: UInt64, fault: String?) {
        self.size = size
        self.fault = fault
    }
}
