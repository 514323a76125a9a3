import InterlockJSON
package import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// The levels of workspaces (docs/specs/output-safety.md, section 7; decision 0154).
extension Gateway {
    /// Remembers the folders to which a call of a coding agent outside `interlock run` can write, if its run has read
    /// untrusted content, or the call itself can bring some, as a command that fetches a file: their files are untrusted for
    /// later runs. A run inside a sandbox writes to a layer, of which people apply what they reviewed. Durable on return.
    ///
    /// - Returns: the reason why the call must not run, or nil.
    func noteWriting(of cleared: ClearedCall) async -> String? {
        let run = cleared.call.principal.run
        guard cleared.call.host != nil, hostSessions.has(run: run) else { return nil }
        let arguments = cleared.resolved.arguments
        guard HostServer.writesFiles(cleared.address, arguments) else { return nil }
        let level = max(runs.tainted.level(of: run), levelOfOwnReads(cleared))
        guard level > .clean else { return nil }
        for folder in HostServer.folders(of: arguments)
        where !runs.workspaces.has(folder, at: level) {
            let workspace = TaintedWorkspace(
                folder: folder, level: level, run: run, at: clock.wall)
            do throws(LedgerRefusal) { try await record(workspace) } catch {
                return "the level of the workspace cannot be recorded (\(error.code))"
            }
            do throws(StoreFailure) { try runs.workspaces.add(workspace) } catch {
                return "the level of the workspace cannot be kept: \(error.reason)"
            }
        }
        return nil
    }

    /// The level that a run has at least after a call of its coding agent.
    private func levelOfOwnReads(_ cleared: ClearedCall) -> TaintLevel {
        guard !HostServer.readsWorkspaceAlone(cleared.address, cleared.resolved.arguments) else {
            return .clean
        }
        let agent = cleared.call.principal.agent
        let isSearched = policy.snapshot(for: agent).agents[agent]?.spec.taint != nil
        return isSearched ? .untrusted : .hostile
    }

    private func record(_ workspace: TaintedWorkspace) async throws(LedgerRefusal) {
        _ = try await ledger.append(
            levelRecord(
                workspace.folder, workspace.level, ["ofrun": .string(workspace.run.text)],
                reason: nil))
    }

    /// Forgets that a folder and all below it have untrusted files. The record is durable before.
    ///
    /// - Parameter reason: the words of the person who says so.
    package func declareClean(
        _ folder: FolderPath, reason: String?
    ) async throws(LedgerRefusal) {
        _ = try await ledger.append(levelRecord(folder, .clean, [:], reason: reason))
    }

    private func levelRecord(
        _ folder: FolderPath, _ level: TaintLevel, _ more: JSONObject, reason: String?
    ) -> RecordDraft {
        var fields = more
        let path = Array(folder.text.utf8)
        fields["sum"] = .string(approvals.hashing.sha256(path).base64)
        fields["tl"] = .integer(level.rawValue)
        var payloads = [(field: "detail", plaintext: path)]
        if let reason { payloads.append((field: "reason", plaintext: Array(reason.utf8))) }
        return records.record(.workspaceLevel, run: nil, fields: fields, sealing: payloads)
    }

    /// Counts what a run reads of workspaces that runs with untrusted content wrote to. Durable on return.
    ///
    /// - Parameter folders: an unknown one is the root.
    package func taint(
        _ run: RunContext, byWorkspacesNear folders: [FolderPath]
    ) async throws(LedgerRefusal) {
        guard let worst = runs.workspaces.worst(near: folders, besides: run.run) else { return }
        try await taint(run, by: .workspace, worst.level, from: worst.run)
    }
}
