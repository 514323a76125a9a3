package import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The workspaces whose files are untrusted for later runs (docs/specs/output-safety.md, section 7; decision 0154).
extension SandboxService {
    /// Counts what the run reads of its workspace, and of the further files and folders that its sandbox shows. Durable
    /// on return: the level, before the command is executed.
    func taint(
        _ run: RunContext, byFilesOf request: SandboxRequest, under policy: PolicySnapshot
    ) async throws(SandboxRefusal) {
        let shown = policy.agents[run.agent]?.sandboxSettings.read ?? []
        var folders = (shown + request.read).map { FolderPath($0) ?? .root }
        if let workspace = request.workspace { folders.append(workspace) }
        do throws(LedgerRefusal) {
            try await gateway.taint(run, byWorkspacesNear: folders)
        } catch {
            try? await end(run.run, SandboxEnd(code: "failed", source: .interlock, exit: 69))
            throw .notRecorded(error.code)
        }
    }

    package var taintedWorkspaces: [TaintedWorkspace] { gateway.runs.workspaces.all }

    /// Records that a person declares the files of a folder and of all below it clean, then forgets their levels. Open
    /// runs keep theirs. Durable on return. Blocks on the disk.
    ///
    /// - Returns: the number of folders whose level was forgotten.
    package func declareClean(
        _ request: WorkspaceCleanRequest
    ) async throws(SandboxRefusal) -> Int {
        let folder = request.folder
        let workspaces = gateway.runs.workspaces
        // The person has seen the files as they are now: a folder that is added while this is recorded stays.
        let listed = workspaces.all.filter { folder.contains($0.folder) }
        guard !listed.isEmpty else { throw .notTainted }
        do throws(LedgerRefusal) {
            try await gateway.declareClean(folder, reason: request.reason)
        } catch { throw .notRecorded(error.code) }
        do throws(StoreFailure) { try workspaces.remove(listed) } catch {
            throw .notStored(error.reason)
        }
        return listed.count
    }
}

/// The words of a person who declares the files of a folder clean.
package struct WorkspaceCleanRequest: Sendable, Hashable {
    package let folder: FolderPath
    package let reason: String

    package init(folder: FolderPath, reason: String) {
        self.folder = folder
        self.reason = reason
    }

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, required: ["folder", "reason"])
        folder = try fields.made("folder", "an absolute path", FolderPath.init)
        reason = try fields.string("reason", length: 8...500)
    }

    package var json: JSONValue {
        ["folder": .string(folder.text), "reason": .string(reason)]
    }
}

extension TaintedWorkspace {
    /// The workspace as commands list it.
    package var json: JSONValue {
        [
            "folder": .string(folder.text), "level": .string(level.name),
            "run": .string(run.text), "at": .string(at.rfc3339(fractionDigits: 0)),
        ]
    }
}
