package import InterlockModel
import Synchronization

/// The reports of this node's halts. A report stays open: late ends of calls and violations are added, and followers
/// receive each change.
package final class HaltReports: Sendable {
    /// The number of reports kept, the newest; the log has the results of older ones.
    static let most = 1000

    private struct State {
        var reports: [OrderID: HaltReport] = [:]
        /// The halts, oldest first.
        var order: [OrderID] = []
        var followers: [UInt64: (OrderID, AsyncStream<HaltReport>.Continuation)] = [:]
        var next: UInt64 = 0
    }
    private let state = Mutex(State())

    package init() {}

    package subscript(_ id: OrderID) -> HaltReport? { state.withLock { $0.reports[id] } }

    /// The reports, newest first.
    package var all: [HaltReport] {
        state.withLock { state in state.order.reversed().compactMap { state.reports[$0] } }
    }

    func put(_ report: HaltReport) {
        let id = report.order.id
        let told = state.withLock { state in
            if state.reports.updateValue(report, forKey: id) == nil {
                state.order.append(id)
                if state.order.count > Self.most {
                    state.reports[state.order.removeFirst()] = nil
                }
            }
            return state.followers.values.filter { $0.0 == id }.map(\.1)
        }
        for follower in told { follower.yield(report) }
    }

    /// A stream of the current report, then of each change, or nil if this node has no report of the halt.
    package func follow(_ id: OrderID) -> AsyncStream<HaltReport>? {
        state.withLock { state in
            guard let now = state.reports[id] else { return nil }
            let (stream, feed) = AsyncStream.makeStream(
                of: HaltReport.self, bufferingPolicy: .bufferingNewest(8))
            let number = state.next
            state.next += 1
            state.followers[number] = (id, feed)
            feed.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.followers.removeValue(forKey: number) }
            }
            feed.yield(now)
            return stream
        }
    }
}
