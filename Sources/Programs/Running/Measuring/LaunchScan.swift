import InterlockCommandLine
import InterlockDeployment
import InterlockModel
import InterlockPolicy
import InterlockSafety
import InterlockSafetyCommands
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
    ///   - command: the words as they are executed inside, and the PATH with which the first is found.
    /// - Throws: `secret-found` if a finding blocks, `scan-failed` if the project was not searched as a whole.
    init(
        _ options: RunOptions, _ agent: AgentEntry, hidden: HiddenNames,
        command: [String], path: String, _ deployment: Deployment, at now: Timestamp
    ) throws(RunRefusal) {
        if agent.sandboxSettings.workspace.mode == .none {
            report = nil
        } else {
            let search = SecretSearch(
                options.workspace, hidden: hidden, waivers: agent.spec.scan?.waivers ?? [],
                deployment: deployment)
            let found: SecretReport
            do throws(ProjectSearch.Failure) { found = try search.run(at: now) } catch {
                throw Self.failed(error)
            }
            guard found.blocking == 0 else { throw Self.refusal(found) }
            report = found
        }
        let files = try MeasuredFiles(
            command: command, path: path, workspace: report?.search.base)
        measurement = LaunchMeasurement(
            scan: report.map {
                LaunchMeasurement.Scan(
                    rules: $0.rules, files: $0.search.files, marked: $0.marked,
                    waivedCount: $0.waived)
            },
            fingerprint: try files.digest, files: files.listed,
            found: report?.recorded(isWaived: false, most: Self.most) ?? [],
            waived: report?.recorded(isWaived: true, most: Self.most) ?? [])
    }

    /// Refuses a workspace that is not what was searched.
    func check(_ prepared: TreeListing) throws(RunRefusal) {
        guard report?.search.covers(prepared) ?? true else {
            throw RunRefusal(
                RunExit.refused, "scan-failed",
                "the workspace changed while it was searched for secrets", help: "start it again")
        }
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
            help:
                "remove it and replace it at its issuer, hide its file by `hide_extra`, or review it and waive it in the policy (`scan: {waive: [...]}`)"
        )
    }
}
