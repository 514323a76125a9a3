import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// Content that a coding agent's model reads and no search has seen (docs/specs/output-safety.md, section 6; decision
/// 0154).
///
/// INVARIANT: the level of the run is durable before the event that tells of such content is answered by more than a
/// deny. Kept by `UnseenContentTests`.
extension HookEventService {
    /// Counts a run as one that has read untrusted content.
    ///
    /// - Returns: the deny if the log does not take the level; nil otherwise.
    func taint(
        _ run: RunContext, by cause: TaintCause, _ level: TaintLevel
    ) async -> HookVerdict? {
        do throws(LedgerRefusal) {
            try await gateway.taint(run, by: cause, level)
            return nil
        } catch { return .unrecorded(error.code) }
    }

    /// Counts what a host adds to its model's context with an event. What it adds are files, mostly of the workspace, so
    /// the run is untrusted, and not hostile.
    func taint(byUnseen event: HookEvent, of hook: AdmittedHook) async -> HookVerdict? {
        guard let cause = event.unseenContent else { return nil }
        return await taint(hook.run, by: cause, .untrusted)
    }

    /// Counts the end of a tool that reads the outside and that no permitted call began: nothing searched its result. A
    /// host also reports the failure of a call that was denied, which read nothing.
    func taint(byUnmatched event: HookEvent, of hook: AdmittedHook) async -> HookVerdict? {
        guard event.kind == .postTool else { return nil }
        if let tool = event.tool, let address = tool.name.address {
            let agent = gateway.policy.snapshot(for: hook.run.agent).agents[hook.run.agent]
            let arguments = HookArguments(event, tool, shell, for: agent).json
            guard !HostServer.readsWorkspaceAlone(address, arguments) else { return nil }
        }
        return await taint(hook.run, by: .unmatched, .hostile)
    }

    /// Counts the files of the workspaces in which a host outside `interlock run` works, or whose files it names. Inside a
    /// run the workspace is known since its start, and its paths are those of the sandbox.
    func taint(byWorkspaceOf event: HookEvent, of hook: AdmittedHook) async -> HookVerdict? {
        guard event.kind != .sessionEnd, gateway.hostSessions.has(run: hook.run.run) else {
            return nil
        }
        var said: JSONObject = [:]
        said["cwd"] = event.workingDirectory.map(JSONValue.string)
        said["arguments"] = event.tool.map { .object($0.arguments) }
        do throws(LedgerRefusal) {
            try await gateway.taint(
                hook.run, byWorkspacesNear: HostServer.places(of: .object(said)))
            return nil
        } catch { return .unrecorded(error.code) }
    }

    /// Counts what an MCP tool returned to a session outside `interlock run`: the gateway knows its level in the run of the
    /// token with which the host called it. A prompt may have brought a prompt of a server.
    func taint(byTokensOf event: HookEvent, of hook: AdmittedHook) async -> HookVerdict? {
        let isMCP = event.tool.map { $0.name.address == nil } ?? false
        guard event.kind == .prompt || event.kind.isEndOfTool && isMCP,
            gateway.hostSessions.has(run: hook.run.run)
        else { return nil }
        do throws(LedgerRefusal) {
            try await gateway.inheritLevelOfTokens(forSession: hook.run)
            return nil
        } catch { return .unrecorded(error.code) }
    }

    /// Notes an event that cannot be read. If it may have brought a result, the run is hostile: nothing searched it.
    func note(unread event: UnreadableEvent, of run: RunContext) async {
        monitor.note(event, of: run)
        guard event.mayBringResult, gateway.halt(of: run.agent, run: run.run) == nil else { return }
        // The answer is a deny in any case.
        _ = await taint(run, by: .unread, .hostile)
    }
}
