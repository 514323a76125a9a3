import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy

/// Calls that still wait for people when the hook's wait ends (docs/specs/coding-agents.md, section 8). Only the supervisor
/// of a run can have said that it resumes the session; nothing that the agent says makes a deny a `defer`.
extension HookEventService {
    /// Returns the verdict about a call that was not allowed: `defer` if its request still waits for people and the host
    /// can end its turn here, otherwise `denied`. A host runs nothing that it defers.
    func deferring(
        _ denied: HookVerdict, _ event: HookEvent, at address: ToolAddress, of hook: AdmittedHook
    ) -> HookVerdict {
        guard event.canBeDeferred, denied.decision == .deny,
            let approval = denied.approval.flatMap({ ApprovalID(shown: $0) }),
            gateway.decision(about: approval, of: hook.run.run)?.decision == .waiting,
            gateway.deferredCalls.add(
                DeferredCall(approval, address), of: hook.run.run, session: event.session)
        else { return denied }
        gateway.note(
            hook: callRecord(event, "deferred", of: hook, sealing: nil, approval: approval),
            of: hook.run)
        var verdict = denied
        verdict.decision = .defer
        return verdict
    }

    /// Notes that a session which was to end with a deferred call has gone on: its host took another deny for the call.
    func noteProgress(_ event: HookEvent, of hook: AdmittedHook) {
        guard event.host == .claudeCode, event.agent == nil,
            event.kind == .prompt || sameBytes(event.hostName, "Stop")
        else { return }
        gateway.deferredCalls.remove(of: hook.run.run, session: event.session)
    }
}

extension HookEvent {
    /// True for a call of the main agent of a headless Claude Code. A subagent's turn is not the session's.
    fileprivate var canBeDeferred: Bool {
        host == .claudeCode && isAttended == false && agent == nil
            && sameBytes(hostName, "PreToolUse")
    }
}
