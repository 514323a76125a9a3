import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockPolicy
import InterlockSafetyCommands
import InterlockSandbox
import InterlockSandboxes
import InterlockWorkspace
import InterlockWorkspaceFiles

/// The workspace of one run, from its preparation until nothing of the run is left (docs/specs/sandbox.md, section 6).
/// Its layer is locked meanwhile: no command reads what an agent may still write.
struct RunWorkspace: ~Copyable {
    /// The folder of the layer; nil if the run sees no project.
    let folder: RunFolder?
    private let lock: RunFolderLock?
    private let settings: SandboxWorkspace

    /// Prepares the layer: hidden entries are covered, and Git's configurations replaced by clean ones.
    ///
    /// - Throws: a refusal; nothing runs then. What was made is kept, as the run is on record.
    init(
        _ run: RunID, _ folders: SandboxCompiler.Folders, _ settings: SandboxWorkspace,
        hidden: HiddenNames, cache: HashCacheFile, scan: LaunchScan, isCopy: Bool = false
    ) throws(RunRefusal) {
        self.settings = settings
        guard settings.mode != .none else {
            folder = nil
            lock = nil
            return
        }
        let made: (folder: RunFolder, prepared: WorkspacePreparation.Result)
        do throws(WorkspaceFailure) {
            made = try RunFolder.prepare(
                folders.layer, run: run, project: folders.workspace, hidden: hidden,
                cache: cache.read(), hashing: OpenSSLHashing(), isCopy: isCopy)
        } catch { throw RunRefusal(RunExit.setup, "workspace", error.message) }
        cache.write(made.prepared.cache)
        try scan.check(made.prepared.base)
        do throws(WorkspaceFailure) {
            lock = try made.folder.lock()
            folder = made.folder
        } catch { throw RunRefusal(RunExit.setup, "workspace", error.message) }
    }

    /// The patterns of the policy.
    ///
    /// - Throws: a refusal of one that means more than it can here.
    static func hiddenNames(_ settings: SandboxWorkspace) throws(RunRefusal) -> HiddenNames {
        do throws(HiddenNames.PatternError) { return try HiddenNames(settings.hidden) } catch {
            switch error {
            case .invalid(let text):
                throw .unsupported("workspace: the pattern `\(TerminalEscaping.shown(text))`")
            case .tooMany: throw .unsupported("workspace: more names than can be hidden")
            }
        }
    }

    /// The monitor of the layer, or nil if the run cannot write to it.
    var monitor: LayerMonitor? {
        guard let folder, settings.mode == .overlay else { return nil }
        return LayerMonitor(folder: folder, limit: settings.maxBytes).beyondCopy
    }

    /// Says what the run has changed, and removes it if it is to be discarded. Called once the end of the run is on
    /// record and nothing of the run is left; the lock ends with this call.
    ///
    /// - Returns: the numbers of changes, or nil if there is no project, or it cannot be compared.
    consuming func finish(
        _ run: RunID, onExit: SandboxWorkspace.OnExit, _ gateway: RunGateway
    ) -> RunReport.Changes? {
        guard let folder, settings.mode == .overlay else { return nil }
        do throws(WorkspaceFailure) {
            let diff = try folder.diff(hashing: OpenSSLHashing())
            let changes = RunReport.Changes(
                entries: diff.changes.count, flagged: diff.flagged)
            if onExit == .discard {
                try discard(folder, run, gateway)
            } else if changes.entries > 0 {
                record(diff, gateway)
                Output.error(
                    "interlock: \(changes.entries) \(changes.entries == 1 ? "change" : "changes"), "
                        + "\(changes.flagged) with flags: "
                        + "`interlock workspace diff \(run.text)`")
            }
            return changes
        } catch {
            Output.error("interlock: the changes cannot be read: \(error.message)")
            return nil
        }
    }

    /// A review that the gateway does not know of is still there for `workspace diff`.
    private func record(_ diff: WorkspaceDiff, _ gateway: RunGateway) {
        do throws(RunGateway.Refusal) {
            try gateway.recordDiff(WorkspaceDiffRequest(diff, OpenSSLHashing()), of: diff.run)
        } catch { Output.error("interlock: the changes are not on record: \(error.message)") }
    }

    private func discard(
        _ folder: RunFolder, _ run: RunID, _ gateway: RunGateway
    ) throws(WorkspaceFailure) {
        do throws(RunGateway.Refusal) { try gateway.recordDiscard(of: run) } catch {
            Output.error("interlock: the changes are kept: \(error.message)")
            return
        }
        try folder.discard()
    }
}

extension LaunchedAgent {
    /// Waits until nothing of the run is known to be left, for a second at most: pid 1 follows a launcher that was
    /// killed.
    var isGone: Bool {
        for _ in 0..<100 {
            if left == 0 { return true }
            usleep(10_000)
        }
        return left == 0
    }
}
