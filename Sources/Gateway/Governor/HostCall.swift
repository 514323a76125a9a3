package import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// One call that a coding agent executes itself, and asks about at its hook (docs/specs/coding-agents.md, section 3). It
/// passes the pipeline as every call does; instead of a request to a server its execution is the allow for the hook, and
/// its answer is what the hook reports after the tool ran.
///
/// Deciding -> allowed -> ended, or deciding -> abandoned, if the hook does not wait any longer.
///
/// INVARIANT: `allowed` is reached only from `execute`, so after the intent is durable and after the last check, and
/// never after `abandon`. Kept by `HookDecisionTests`.
package final class HostCall: Sendable {
    /// The allow for the hook.
    package struct Permit: Sendable {
        package let rule: String
        /// True if the call comes from an attested sandboxed run.
        package let isSandboxed: Bool
        /// True if the host must ask its own user first, who is not authenticated.
        package let asksUser: Bool
    }

    private enum State {
        case deciding
        case allowed
        case executing(CheckedContinuation<UpstreamResponse, Never>)
        case abandoned
        case ended(UpstreamResponse, ResultTexts?)
    }

    /// The fields of its records: host, session, the host's name of the call, subagent.
    package let fields: JSONObject
    /// The longest wait for people.
    package let patience: Duration
    /// True if the host can ask its own user about the call.
    let canAskUser: Bool
    private let state = Mutex(State.deciding)
    private let allowed: @Sendable (Permit) -> Void

    /// - Parameter allowed: called at most once, from any thread.
    package init(
        fields: JSONObject, patience: Duration, canAskUser: Bool = false,
        allowed: @escaping @Sendable (Permit) -> Void
    ) {
        self.fields = fields
        self.patience = patience
        self.canAskUser = canAskUser
        self.allowed = allowed
    }

    /// True from the time it is allowed to its end.
    package var isOpen: Bool {
        state.withLock { state in
            switch state {
            case .allowed, .executing: true
            case .deciding, .abandoned, .ended: false
            }
        }
    }

    /// Gives up a call that is not allowed yet: it certainly will not be.
    ///
    /// - Returns: false if it was allowed.
    @discardableResult
    package func abandon() -> Bool {
        state.withLock { state in
            switch state {
            case .deciding, .abandoned:
                state = .abandoned
                return true
            case .allowed, .executing, .ended: return false
            }
        }
    }

    /// Ends an allowed call by what its hook reports.
    ///
    /// - Parameter texts: those of the result that the model reads.
    /// - Returns: false if the call was never allowed, or has ended.
    package func end(with result: JSONObject, texts: ResultTexts) -> Bool {
        end(.result(result, bytes: result.serialized()), texts)
    }

    /// The texts of the result by which the call ended; nil if its hook reported none.
    var reported: ResultTexts? {
        state.withLock { state -> ResultTexts? in
            guard case .ended(_, let texts) = state else { return nil }
            return texts
        }
    }

    /// Ends a call of which nothing more will be known. One that was not allowed is abandoned.
    package func endUnknown() {
        if !abandon() { end(.cancelled(confirmed: false)) }
    }

    @discardableResult
    private func end(_ response: UpstreamResponse, _ texts: ResultTexts? = nil) -> Bool {
        let (isEnded, waiting) = state.withLock {
            state -> (Bool, CheckedContinuation<UpstreamResponse, Never>?) in
            switch state {
            case .deciding, .abandoned, .ended: return (false, nil)
            case .allowed:
                state = .ended(response, texts)
                return (true, nil)
            case .executing(let continuation):
                state = .ended(response, texts)
                return (true, continuation)
            }
        }
        waiting?.resume(returning: response)
        return isEnded
    }

    /// Allows the call and waits for its end.
    func execute(_ cleared: ClearedCall) async -> UpstreamResponse {
        let decided = cleared.decided
        let permit = Permit(
            rule: decided.decision.rule, isSandboxed: decided.facts.sandboxed,
            asksUser: cleared.asksHostUser)
        // A halt stops the agent elsewhere; whether the tool ran is not known. One that came before the call was allowed
        // abandons it.
        cleared.call.cancel.onCancel { [weak self] _ in self?.endUnknown() }
        let isAllowed = state.withLock { state in
            guard case .deciding = state else { return false }
            state = .allowed
            return true
        }
        guard isAllowed else {
            return .failed(.notExecuted, reason: "the hook did not wait for the decision")
        }
        allowed(permit)
        return await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> UpstreamResponse? in
                if case .ended(let response, _) = state { return response }
                state = .executing(continuation)
                return nil
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }
}
