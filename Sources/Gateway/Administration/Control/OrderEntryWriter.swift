import InterlockGovernor
import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Appends each halt and release to the control log, once.
///
/// A halt never waits for it: its entry is appended after the halt is in force, and again after failures, until it is
/// durable. If the process dies before that, the next start appends the entry from the order's file. A release waits: its
/// entry, and those of all halts before it, are durable before its file is written and before it takes effect. So a halt
/// without an entry and a release with one can both be seen after a crash, and in both cases agents stay halted.
///
/// INVARIANT: no halt waits for the control log, and each order has one entry there. Kept by `OrderEntryWriterTests`,
/// `test_control_log.py`.
package final class OrderEntryWriter: Sendable {
    private struct State {
        var pending: [ControlDraft] = []
        var isRunning = false
    }
    private let state = Mutex(State())
    private let gate = AsyncGate()
    private let log: any ControlLog
    private let retryAfter: Duration
    private let report: @Sendable (String) -> Void

    private static let longestRetry = Duration.seconds(60)

    /// - Parameters:
    ///   - retryAfter: the delay before a failed append is tried again; it doubles with each retry, up to a minute.
    ///   - report: receives the reason of each failure.
    package init(
        _ log: any ControlLog, retryAfter: Duration = .seconds(1),
        report: @escaping @Sendable (String) -> Void
    ) {
        self.log = log
        self.retryAfter = retryAfter
        self.report = report
    }

    /// The number of entries that are not durable yet.
    package var waiting: Int { state.withLock { $0.pending.count } }

    /// Appends the entry of an order soon. Does not block.
    package func add(_ kind: ControlKind, _ id: OrderID, _ order: Envelope) {
        let draft = Self.draft(kind, id, order)
        let isFirst = state.withLock { state in
            state.pending.append(draft)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isFirst { Task { await run() } }
    }

    /// Appends the entry of a release after all that wait. Durable on return.
    func append(_ kind: ControlKind, _ id: OrderID, _ order: Envelope) async throws(StoreFailure) {
        try await flush(and: [Self.draft(kind, id, order)])
    }

    private func run() async {
        var pause = retryAfter
        while true {
            do throws(StoreFailure) {
                try await flush(and: [])
                let isDone = state.withLock { state in
                    if state.pending.isEmpty { state.isRunning = false }
                    return !state.isRunning
                }
                if isDone { return }
            } catch {
                report(error.reason)
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestRetry)
            }
        }
    }

    private func flush(and more: [ControlDraft]) async throws(StoreFailure) {
        await gate.enter()
        defer { gate.leave() }
        let pending = state.withLock { $0.pending }
        guard !pending.isEmpty || !more.isEmpty else { return }
        try await log.append(pending + more)
        state.withLock { $0.pending.removeFirst(pending.count) }
    }

    private static func draft(
        _ kind: ControlKind, _ id: OrderID, _ order: Envelope
    ) -> ControlDraft {
        ControlDraft(kind, id.text, ["order": order.json])
    }
}

extension ControlEntry {
    /// The signed order of an entry of a halt or release. Is nil if it cannot be read.
    package var order: Envelope? { body["order"].flatMap { try? Envelope(json: $0) } }
}
