package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
package import InterlockModel
import InterlockSandboxes
package import InterlockWorkspace

/// The decision of a person to apply changes.
package struct ApplyDecision: Hashable, Sendable {
    package let run: RunID
    /// The digest of the base's text.
    package let base: Digest
    package let plan: ApplyPlan
    package let reason: String?
}

/// Puts reviews and decisions on record. The record is durable on return: a diff is printed, and a change applied, only
/// after that.
package protocol WorkspaceRecorder: Sendable {
    func record(_ diff: WorkspaceDiff) throws(Failure)
    func record(_ decision: ApplyDecision) throws(Failure)
    /// - Parameter reason: nil if none was stated.
    func recordDiscard(of run: RunID, reason: String?) throws(Failure)
}

/// The recorder of a deployment: its gateway, over the local socket.
struct GatewayRecorder: WorkspaceRecorder {
    private let gateway: GatewayClient
    private let hashing = OpenSSLHashing()

    init(_ deployment: Deployment) { gateway = GatewayClient(deployment) }

    func record(_ diff: WorkspaceDiff) throws(Failure) {
        try post("diff", of: diff.run, WorkspaceDiffRequest(diff, hashing).json)
    }

    func record(_ decision: ApplyDecision) throws(Failure) {
        let changes = StatedChanges(decision.plan.changes, base: decision.base, hashing)
        let flagged = decision.plan.flagged
        let request = WorkspaceApplyRequest(
            changes: changes, approved: decision.plan.flags.map(\.rawValue),
            flagged: flagged.isEmpty
                ? nil : StatedFlagged(count: flagged.count, digest: flagged.digest(hashing)),
            reason: decision.reason)
        try post("apply", of: decision.run, request.json)
    }

    func recordDiscard(of run: RunID, reason: String?) throws(Failure) {
        try post("discard", of: run, WorkspaceDiscardRequest(reason: reason).json)
    }

    func record(_ export: WorkspaceExportRequest, of run: RunID) throws(Failure) {
        try post("export", of: run, export.json)
    }

    private func post(_ action: String, of run: RunID, _ body: JSONValue) throws(Failure) {
        do throws(Failure) {
            try gateway.post("/v1/sandboxes/\(run.text)/\(action)", body)
        } catch {
            guard error.exit != .notPermitted else {
                throw Failure(
                    .cannotCreate, error.message,
                    help: "the agent's approvers sign on the page of the run's changes, or with "
                        + "`interlock workspace approve \(run.text)`")
            }
            throw Failure(
                error.exit == .notFound ? .notFound : .unavailable,
                "the review cannot be put on record: \(error.message)",
                help: error.help ?? "nothing was applied; start the gateway of this deployment")
        }
    }
}
