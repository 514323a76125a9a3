import InterlockGovernor
import InterlockLedger
package import InterlockModel

/// Resuming a session that waits for people: its supervisor asks what is decided, and says when it continues.
extension SandboxService {
    /// Returns the deferred call of a run, or nil if it has none.
    ///
    /// - Parameter approval: the request that the supervisor knows already; it is found after a restart too.
    package func deferredCall(
        of run: RunID, known approval: ApprovalID? = nil
    ) throws(SandboxRefusal) -> DeferredCallView? {
        _ = try hear(run)
        let call = gateway.deferredCalls.call(of: run)
        guard let approval = approval ?? call?.approval else { return nil }
        let tool = call.flatMap { $0.approval == approval ? $0.tool : nil }
        // A request that the gateway does not know any longer ended long ago.
        guard let (decision, left) = gateway.decision(about: approval, of: run) else {
            return DeferredCallView(approval, tool: nil, .ended, left: .zero)
        }
        return DeferredCallView(
            approval, tool: tool.map { "\($0.server).\($0.tool)" }, decision, left: left)
    }

    /// Notes that the supervisor is about to resume the session of a run. The call itself is decided anew at its hook.
    ///
    /// - Throws: `halted` or `noSuchRun` if the run must not continue, `undecided` if people have not decided.
    package func resume(
        _ run: RunID, after approval: ApprovalID
    ) throws(SandboxRefusal) {
        let known = try hear(run).run
        guard gateway.halt(of: known.agent, run: run) == nil else { throw .halted }
        switch gateway.decision(about: approval, of: run)?.decision {
        case .approved, .denied: gateway.deferredCalls.remove(of: run)
        case .waiting, .ended, nil: throw .undecided
        }
    }
}
