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
    /// The flags that were approved by their names, sorted.
    package let approved: [WorkspaceFlag]
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
        let changes = StatedChanges(diff.changes, base: diff.base, hashing)
        try post(
            "diff", of: diff.run,
            WorkspaceDiffRequest(changes: changes, flagged: diff.flagged).json)
    }

    func record(_ decision: ApplyDecision) throws(Failure) {
        let changes = StatedChanges(decision.plan.changes, base: decision.base, hashing)
        let request = WorkspaceApplyRequest(
            changes: changes, approved: decision.approved.map(\.rawValue),
            reason: decision.reason)
        try post("apply", of: decision.run, request.json)
    }

    func recordDiscard(of run: RunID, reason: String?) throws(Failure) {
        try post("discard", of: run, WorkspaceDiscardRequest(reason: reason).json)
    }

    private func post(_ action: String, of run: RunID, _ body: JSONValue) throws(Failure) {
        do throws(Failure) {
            try gateway.post("/v1/sandboxes/\(run.text)/\(action)", body)
        } catch {
            throw Failure(
                error.exit == .notFound ? .notFound : .unavailable,
                "the review cannot be put on record: \(error.message)",
                help: error.help ?? "nothing was applied; start the gateway of this deployment")
        }
    }
}

extension StatedChanges {
    /// States all changes by their digest, and as many as a record lists.
    init(_ changes: [WorkspaceChange], base: Digest, _ hashing: any Hashing) {
        var listed: [JSONValue] = []
        // The brackets of the list.
        var bytes = 2
        var isOpen = true
        let digest = hashing.sha256 { take in
            let (start, comma, end) = (Array("[".utf8), Array(",".utf8), Array("]".utf8))
            take(start.span)
            for (number, change) in changes.enumerated() {
                if number > 0 { take(comma.span) }
                let json = change.json
                let text = json.serialized()
                take(text.span)
                bytes += text.count + 1
                isOpen = isOpen && number < Self.mostListed && bytes <= Self.mostListedBytes
                if isOpen { listed.append(json) }
            }
            take(end.span)
        }
        self.init(base: base, count: changes.count, digest: digest, listed: listed)
    }
}
