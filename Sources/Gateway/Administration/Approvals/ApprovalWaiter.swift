import InterlockApprovals
package import InterlockGovernor
package import InterlockModel
package import InterlockPorts
import Synchronization

/// A call that waits until its request is decided, its time is over, or it is cancelled.
final class ApprovalWaiter: Sendable {
    private enum State {
        case fresh
        case waiting(CheckedContinuation<WaitOutcome, Never>)
        case ended(WaitOutcome)
    }
    private let state = Mutex(State.fresh)

    func resume(_ request: ApprovalRequest) { end(.decided(request)) }

    func end(_ end: WaitOutcome) {
        let waiting = state.withLock { state -> CheckedContinuation<WaitOutcome, Never>? in
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

    func value() async -> WaitOutcome {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> WaitOutcome? in
                if case .ended(let end) = state { return end }
                state = .waiting(continuation)
                return nil
            }
            if let end { continuation.resume(returning: end) }
        }
    }
}

extension ApprovalService {
    package func wait(
        for id: ApprovalID, atMost limit: Duration, cancel: CancelToken, _ exchange: any Exchange
    ) async -> WaitOutcome {
        let waiter = ApprovalWaiter()
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
