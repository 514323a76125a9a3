import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// One decision for the several events that Cursor sends for one call (docs/specs/coding-agents.md, section 4).
extension HookEventService {
    /// Decides about a call, or repeats the verdict of another event of it. Durable on return: the intent, if the call is
    /// allowed.
    ///
    /// INVARIANT: a further event is never answered by more than the verdict of its own call: a deny stays one, and an
    /// allow counts only while that call is open. Kept by `SharedDecisionTests`.
    func decideOnce(
        _ event: HookEvent, _ tool: HookTool, at address: ToolAddress, of hook: AdmittedHook,
        _ exchange: any Exchange
    ) async -> HookVerdict {
        let digests = callDigests(event)
        guard !digests.isEmpty else {
            return await decide(event, tool, at: address, of: hook, exchange)
        }
        let (decision, isShared) = shared.decision(
            about: digests, of: hook.run, at: event.hostName
        ) {
            Task { await self.decide(event, tool, at: address, of: hook, exchange) }
        }
        let verdict = await decision.value
        guard isShared else { return verdict }
        guard verdict.decision == .deny || calls.isOpen(verdict.record, of: hook.run.run) else {
            return await decide(event, tool, at: address, of: hook, exchange)
        }
        noteShared(event, of: hook)
        return verdict
    }

    /// True for a further event of the end of a call that was allowed, whose main event closes it.
    func isSharedEnd(_ event: HookEvent, of hook: AdmittedHook) async -> Bool {
        guard !event.isMainEnd, let digest = callDigests(event).first,
            let decision = shared.known(digest, of: hook.run.run)
        else { return false }
        return await decision.value.decision != .deny
    }

    /// The digests of the keys of a call of which several events may come; empty for any other.
    private func callDigests(_ event: HookEvent) -> [Digest] {
        let hashing = gateway.approvals.hashing
        return event.callKeys.map { hashing.sha256((try? $0.canonical()) ?? $0.serialized()) }
    }

    func noteShared(_ event: HookEvent, of hook: AdmittedHook) {
        gateway.note(
            hook: callRecord(event, "same", of: hook, sealing: event.tool?.said), of: hook.run)
    }
}
