import InterlockCommandLine
import InterlockDeployment
import InterlockModel
import InterlockPolicy
import InterlockSafety
import InterlockSafetyCommands
import InterlockSandbox
import InterlockSandboxes
import InterlockWorkspace
import InterlockWorkspaceFiles

/// The reading of a workspace before a run is recorded: secrets in it stop the launch, and its files are measured
/// (docs/specs/sandbox.md, section 3, step 1).
struct LaunchScan {
    /// The search, or nil if the run sees no project.
    private let report: SecretReport?
    let measurement: LaunchMeasurement

    private static let most = SecretReport.mostShown

    /// - Parameters:
    ///   - form: the form of the run, which a Git that reads the history has too.
    ///   - command: the words as they are executed inside, and the PATH with which the first is found.
    ///   - hooks: those of the run, of which the settings are measured.
    ///   - further: values that are searched for besides those of the deployment's files, with their names.
    /// - Throws: `secret-found` if a finding blocks, `scan-failed` if the project was not searched as a whole.
    init(
        _ options: RunOptions, _ agent: AgentEntry, hidden: HiddenNames, form: SandboxForm,
        command: [String], path: String, hooks: RunHooks?, _ deployment: Deployment,
        further: [(name: String, value: [UInt8])], at now: Timestamp
    ) throws(RunRefusal) {
        if agent.sandboxSettings.workspace.mode == .none {
            report = nil
        } else {
            let found: SecretReport
            do throws(ProjectSearch.Failure) {
                found = try SecretSearch(
                    options.workspace, hidden: hidden, waivers: agent.spec.scan?.waivers ?? [],
                    deployment: deployment, further: further,
                    history: try Self.history(of: options.workspace, agent, form)
                ).run(at: now)
            } catch { throw Self.failed(error) }
            guard found.blocking == 0 else { throw Self.refusal(found) }
            report = found
        }
        let files = try MeasuredFiles(
            command: command, path: path, workspace: report?.search.base, root: options.workspace,
            supplied: hooks?.files ?? [])
        measurement = LaunchMeasurement(
            scan: report.map {
                LaunchMeasurement.Scan(
                    rules: $0.rules, files: $0.search.files, blobs: $0.history?.blobs,
                    marked: $0.marked, waivedCount: $0.waived)
            },
            fingerprint: try files.digest, files: files.listed,
            found: report?.recorded(isWaived: false, most: Self.most) ?? [],
            waived: report?.recorded(isWaived: true, most: Self.most) ?? [])
    }

    private static func history(
        of project: String, _ agent: AgentEntry, _ form: SandboxForm
    ) throws(ProjectSearch.Failure) -> (any ObjectReader)? {
        guard agent.spec.scan?.searchesHistory == true else { return nil }
        do throws(ScanFailure) { return try SandboxedObjectReader(project, form: form) } catch {
            throw .scanner(error)
        }
    }

    /// Refuses a workspace that is not what was searched.
    func check(_ prepared: TreeListing) throws(RunRefusal) {
        guard let path = report?.search.firstUnsearched(in: prepared) else { return }
        throw RunRefusal(
            RunExit.refused, "scan-failed",
            "`\(path.escaped)` changed while the workspace was searched for secrets",
            help: "start it again; write the output of the run to no file of the workspace")
    }

    private static func failed(_ failure: ProjectSearch.Failure) -> RunRefusal {
        let cause =
            switch failure {
            case .files(let failure): failure.message
            case .scanner(let failure): failure.message
            }
        return RunRefusal(
            RunExit.refused, "scan-failed",
            "the workspace cannot be searched for secrets: \(TerminalEscaping.shown(cause))")
    }

    private static func refusal(_ report: SecretReport) -> RunRefusal {
        let shown = report.blockingRows.prefix(most).map { "\n  " + $0.sentence }.joined()
        let count = report.blocking == 1 ? "1 secret" : "\(report.blocking) secrets"
        return RunRefusal(
            RunExit.refused, "secret-found", "the agent would see \(count):\(shown)",
            help: report.blockingRows.allSatisfy(\.isOfHistory)
                ? "replace it at its issuer and take it out of the history, or review it and waive it in the policy (`scan: {waive: [...]}`)"
                : "remove it and replace it at its issuer, hide its file by `hide_extra`, or review it and waive it in the policy (`scan: {waive: [...]}`)"
        )
    }
}
