import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

/// The records of reviews of what a run changed. Each is durable on return: a command shows, applies or removes changes
/// only after that.
///
/// INVARIANT: changes with a flag are on record as applied only with the orders of people who approved them. Kept by
/// `ChangeReviewTests`.
///
/// INVARIANT: a run is reviewed only once its end is on record, so that no agent writes what is reviewed. Kept by
/// `WorkspaceRecordTests`.
extension SandboxService {
    /// - Parameter reader: the person who reads it on a page; nil for the operator.
    package func record(
        _ diff: WorkspaceDiffRequest, of run: RunID, for reader: Pseudonym? = nil
    ) async throws(SandboxRefusal) {
        var fields = diff.changes.fields
        fields["flg"] = .integer(Int64(diff.flagged))
        fields["by"] = reader.map { .string($0.text) }
        try await record(.runDiff, of: run, fields, [("changes", diff.changes.payload)])
        if let agent = try? reviewedAgent(of: run) {
            gateway.observation.note(changed: diff.changes.files, in: run, of: agent)
        }
    }

    /// - Parameter approvals: the orders by which people approved the changes with a flag, and the people.
    package func record(
        _ decision: WorkspaceApplyRequest, of run: RunID,
        approvedBy approvals: [(order: OrderID, person: Pseudonym)] = []
    ) async throws(SandboxRefusal) {
        guard decision.flagged == nil || !approvals.isEmpty else { throw .unapproved }
        var fields = decision.changes.fields
        fields["flags"] = .array(decision.approved.map(JSONValue.string))
        if let flagged = decision.flagged {
            fields["flg"] = .integer(Int64(flagged.count))
            fields["by"] = .array(approvals.map { .string($0.person.text) })
            fields["orders"] = .array(approvals.map { .string($0.order.text) })
        }
        try await record(
            .applyDecision, of: run, fields,
            [("changes", decision.changes.payload)] + reason(decision.reason))
    }

    package func record(
        _ discard: WorkspaceDiscardRequest, of run: RunID
    ) async throws(SandboxRefusal) {
        try await record(.discard, of: run, [:], reason(discard.reason))
    }

    package func record(
        _ export: WorkspaceExportRequest, of run: RunID
    ) async throws(SandboxRefusal) {
        try await record(
            .runExport, of: run,
            [
                "fmt": .string(export.format.rawValue), "size": .integer(export.bytes),
                "sum": .string(export.digest.base64),
            ], [])
    }

    /// Records an approval of flagged changes.
    ///
    /// - Parameters:
    ///   - fields: those of the approval, without the run and the agent.
    ///   - order: the evidence of the signed order.
    package func recordApproval(
        _ fields: JSONObject, order: [UInt8], of run: RunID
    ) async throws(SandboxRefusal) {
        try await record(.applyApproved, of: run, fields, [("order", order)])
    }

    private func reason(_ text: String?) -> [(field: String, plaintext: [UInt8])] {
        text.map { [("reason", Array($0.utf8))] } ?? []
    }

    private func record(
        _ type: RecordType, of run: RunID, _ fields: JSONObject,
        _ payloads: [(field: String, plaintext: [UInt8])]
    ) async throws(SandboxRefusal) {
        let agent = try reviewedAgent(of: run)
        var fields = fields
        fields["ofrun"] = .string(run.text)
        fields["agent"] = .string(agent.text)
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(
                gateway.records.record(type, run: nil, fields: fields, sealing: payloads))
        } catch { throw .notRecorded(error.code) }
    }

    /// The agent of a run that may be reviewed. Reads one small file.
    package func reviewedAgent(of run: RunID) throws(SandboxRefusal) -> AgentName {
        guard table.withLock({ $0[run] }) == nil else { throw .notOver }
        let agent: AgentName?
        do throws(StoreFailure) { agent = try folders.agent(of: run) } catch {
            throw .notStored(error.reason)
        }
        guard let agent, gateway.ledger.hasEnded(run: run) else { throw .noWorkspace }
        return agent
    }
}
