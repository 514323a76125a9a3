import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

/// The records of reviews of what a run changed. Each is durable on return: a command shows, applies or removes changes
/// only after that.
///
/// INVARIANT: a run is reviewed only once its end is on record, so that no agent writes what is reviewed. Kept by
/// `WorkspaceRecordTests`.
extension SandboxService {
    package func record(
        _ diff: WorkspaceDiffRequest, of run: RunID
    ) async throws(SandboxRefusal) {
        var fields = diff.changes.fields
        fields["flg"] = .integer(Int64(diff.flagged))
        try await record(.runDiff, of: run, fields, [("changes", diff.changes.payload)])
    }

    package func record(
        _ decision: WorkspaceApplyRequest, of run: RunID
    ) async throws(SandboxRefusal) {
        var fields = decision.changes.fields
        fields["flags"] = .array(decision.approved.map(JSONValue.string))
        try await record(
            .applyDecision, of: run, fields,
            [("changes", decision.changes.payload)] + reason(decision.reason))
    }

    package func record(
        _ discard: WorkspaceDiscardRequest, of run: RunID
    ) async throws(SandboxRefusal) {
        try await record(.discard, of: run, [:], reason(discard.reason))
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
    private func reviewedAgent(of run: RunID) throws(SandboxRefusal) -> AgentName {
        guard table.withLock({ $0[run] }) == nil else { throw .notOver }
        let agent: AgentName?
        do throws(StoreFailure) { agent = try folders.agent(of: run) } catch {
            throw .notStored(error.reason)
        }
        guard let agent, gateway.ledger.hasEnded(run: run) else { throw .noWorkspace }
        return agent
    }
}
