package import InterlockModel
import Synchronization

/// The times of halts, which charts show.
extension HaltService {
    /// Returns the halts that were in force at `time` or later, oldest first, without those of drills.
    package func spans(since time: Timestamp) -> [HaltSpan] {
        state.withLock { $0.book.spans }.since(time)
    }

    /// Adds the times of orders from before the start of this process.
    ///
    /// - Parameter recorded: the times of the records of halts and releases, by the id of the order.
    package func refill(_ recorded: [OrderID: Timestamp]) {
        state.withLock { $0.book.refill(recorded) }
    }
}
