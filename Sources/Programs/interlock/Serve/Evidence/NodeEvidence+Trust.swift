import InterlockCommandLine
import InterlockEvidence
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTrust
import InterlockTrustCommands
import InterlockTrustQueries
import InterlockTrustStages

extension NodeEvidence {
    /// The record of each agent of a policy, as of now. Reads the whole log, on the thread of simulations.
    ///
    /// - Returns: nil if it cannot be read, which the log of the program says.
    func trust(
        under policy: PolicySnapshot, _ stages: TrustStageRegistry, at now: Timestamp
    ) async -> [AgentName: AgentTrustRecord]? {
        do throws(EvidenceRefusal) {
            return try await simulation { log, isGoing in
                let read = try TrustRecords(
                    serving: log, policy, stages.currentCriteria, at: now, while: isGoing,
                    status: { stages.status(of: $0) })
                return read.records(at: now)
            }
        } catch {
            InterlockCommandLine.log(
                "the trust of agents cannot be read from the log: \(error)", .warning,
                part: "console")
            return nil
        }
    }
}

extension TrustRecords {
    fileprivate func records(at now: Timestamp) -> [AgentName: AgentTrustRecord] {
        var records: [AgentName: AgentTrustRecord] = [:]
        for report in reports {
            records[report.subject] = AgentTrustRecord(
                at: now, credit: report.credit, events: report.events)
        }
        return records
    }
}
