package import InterlockCommandLine
import InterlockDeployment
package import InterlockJSON
package import InterlockModel
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

    /// The most entries that a record lists; the digest covers all.
    static let mostListed = 2000

    package var json: JSONValue {
        let entries = JSONValue.array(plan.changes.map(\.json))
        return [
            "base": .string(base.base64), "entries": .integer(Int64(plan.changes.count)),
            "approved": .array(approved.map { .string($0.rawValue) }),
            "reason": reason.map(JSONValue.string) ?? .null,
            "list": .array(plan.changes.prefix(Self.mostListed).map(\.json)),
            "list_bytes": .integer(Int64(entries.serialized().count)),
        ]
    }
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
    let gateway: GatewayClient

    func record(_ diff: WorkspaceDiff) throws(Failure) {
        try post(
            "diff", of: diff.run,
            [
                "base": .string(diff.base.base64), "entries": .integer(Int64(diff.changes.count)),
                "flagged": .integer(Int64(diff.flagged)),
                "list": .array(diff.changes.prefix(ApplyDecision.mostListed).map(\.json)),
            ])
    }

    func record(_ decision: ApplyDecision) throws(Failure) {
        try post("apply", of: decision.run, decision.json)
    }

    func recordDiscard(of run: RunID, reason: String?) throws(Failure) {
        try post("discard", of: run, ["reason": reason.map(JSONValue.string) ?? .null])
    }

    private func post(_ action: String, of run: RunID, _ body: JSONValue) throws(Failure) {
        do throws(Failure) {
            try gateway.post("/v1/workspaces/\(run.text)/\(action)", body)
        } catch {
            throw Failure(
                .unavailable, "the review cannot be put on record: \(error.message)",
                help: error.help ?? "nothing was applied; start the gateway of this deployment")
        }
    }
}
