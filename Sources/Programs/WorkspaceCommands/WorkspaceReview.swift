import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockWorkspace
import InterlockWorkspaceFiles

/// The workspace of one run, locked for one command.
struct WorkspaceReview: ~Copyable {
    let folder: RunFolder
    private let lock: RunFolderLock
    private let hashing: OpenSSLHashing

    /// - Throws: exit 66 if there is no such run, 75 if it is not over.
    init(_ invocation: Invocation, _ deployment: Deployment) throws(Failure) {
        let run = try invocation.argument("no id of a run") { RunID($0) }
        try self.init(run, in: deployment.runs + "/" + run.text)
    }

    /// - Parameter path: the folder of the run.
    init(_ run: RunID, in path: String) throws(Failure) {
        // The gateway removes this file once the end of the run is on record.
        guard unsafe access(path + "/open", F_OK) != 0 else {
            throw Failure(
                .tryAgain, "run \(run.text) is not over",
                help: "wait for its end, or end it with `interlock kill`")
        }
        let opened = try Self.opened(run, path + "/layer")
        let locked = try Self.locked(opened)
        (folder, hashing) = (opened, OpenSSLHashing())
        lock = locked
    }

    private static func opened(_ run: RunID, _ path: String) throws(Failure) -> RunFolder {
        do throws(WorkspaceFailure) { return try RunFolder(opening: path, run: run) } catch {
            guard error.code == .notFound else { throw Failure(error) }
            throw Failure(.notFound, "run \(run.text) has no workspace here")
        }
    }

    private static func locked(_ folder: RunFolder) throws(Failure) -> RunFolderLock {
        do throws(WorkspaceFailure) { return try folder.lock() } catch { throw Failure(error) }
    }

    func diff() throws(Failure) -> WorkspaceDiff {
        do throws(WorkspaceFailure) { return try folder.diff(hashing: hashing) } catch {
            throw Failure(error)
        }
    }

    func content(
        of change: WorkspaceChange, most: Int
    ) throws(Failure) -> RunFolder.ReviewedContent {
        do throws(WorkspaceFailure) {
            return try folder.content(of: change, most: most, hashing: hashing)
        } catch { throw Failure(error) }
    }

    /// Finishes an apply that a crash ended.
    ///
    /// - Returns: the number of steps that were left, or nil if there is no such apply.
    func resume() throws(Failure) -> Int? {
        let apply = WorkspaceApply(folder, hashing: hashing)
        do throws(WorkspaceFailure) {
            guard try apply.openJournal() != nil else { return nil }
            return try apply.resume()
        } catch { throw Failure(error) }
    }

    /// Applies a plan once its decision is on record.
    func apply(
        _ plan: ApplyPlan, deciding decide: () throws(Failure) -> Void
    ) throws(Failure) {
        let apply = WorkspaceApply(folder, hashing: hashing)
        do throws(WorkspaceFailure) { try apply.check(plan) } catch { throw Failure(error) }
        try decide()
        do throws(WorkspaceFailure) { try apply.apply(plan) } catch { throw Failure(error) }
    }

    func discard() throws(Failure) {
        do throws(WorkspaceFailure) { try folder.discard() } catch { throw Failure(error) }
    }
}

extension Failure {
    init(_ failure: WorkspaceFailure) {
        let exit: Exit =
            switch failure.code {
            case .changed: .workspaceChanged
            case .link: .cannotCreate
            case .notFound: .notFound
            case .busy: .tryAgain
            case .tooLarge, .invalid: .data
            case .system: .io
            }
        let help: String? =
            failure.code == .changed
            ? "compare the file with `interlock workspace diff RUN --path PATH`, or start a new run"
            : nil
        self.init(exit, failure.message, help: help)
    }

    init(_ refusal: ApplyRefusal) {
        switch refusal {
        case .notFound: self.init(.notFound, refusal.message)
        case .unapproved(_, let flag):
            self.init(
                .cannotCreate, refusal.message,
                help: "review it, then add `--approve-flag \(flag.rawValue)`, or choose with --path"
            )
        case .ofGit:
            self.init(
                .cannotCreate, refusal.message, help: "bring commits over by `workspace export`")
        case .special, .hidden:
            self.init(.cannotCreate, refusal.message, help: "leave it out: choose with --path")
        }
    }
}
