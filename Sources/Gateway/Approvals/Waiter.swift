import InterlockApprovals
import InterlockModel
import InterlockPorts
import Synchronization

/// One call that is held until its request has an answer, its time is over, or it is cancelled.
final class Waiter: Sendable {
    enum End: Sendable {
        case decided(ApprovalRequest)
        case outOfTime
        case cancelled(CancelToken.Cause)
        /// The connection went away, which in the legacy eras cancels nothing.
        case left
    }
    private enum State {
        case fresh
        case waiting(CheckedContinuation<End, Never>)
        case ended(End)
    }
    private let state = Mutex(State.fresh)

    func resume(_ request: ApprovalRequest) { end(.decided(request)) }

    func end(_ end: End) {
        let waiting = state.withLock { state -> CheckedContinuation<End, Never>? in
            switch state {
            case .ended: return nil
            case .fresh:
                state = .ended(end)
                return nil
            case .waiting(let continuation):
                state = .ended(end)
                return continuation
            }
        }
        waiting?.resume(returning: end)
    }

    func value() async -> End {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> End? in
                if case .ended(let end) = state { return end }
                state = .waiting(continuation)
                return nil
            }
            if let end { continuation.resume(returning: end) }
        }
    }
}

extension ApprovalDesk {
    /// Waits for people.
    ///
    /// - Parameter limit: after it the call is answered as pending; the request goes on.
    func wait(
        for id: ApprovalID, atMost limit: Duration, cancel: CancelToken, _ exchange: any Exchange
    ) async -> Waiter.End {
        let waiter = Waiter()
        let decided = state.withLock { state -> ApprovalRequest? in
            guard let request = state.table[id] else { return nil }
            guard request.state == .pending else { return request }
            state.waiters[id, default: []].append(waiter)
            return nil
        }
        if let decided { return .decided(decided) }
        cancel.onCancel { waiter.end(.cancelled($0)) }
        exchange.onClose { waiter.end(.left) }
        let timer = Task {
            try? await Task.sleep(for: limit)
            waiter.end(.outOfTime)
        }
        let end = await waiter.value()
        timer.cancel()
        state.withLock { state in
            state.waiters[id]?.removeAll { $0 === waiter }
            if state.waiters[id]?.isEmpty == true { state.waiters[id] = nil }
        }
        return end
    }
}
