import InterlockCommandLine
import InterlockEvidence
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockPromotions
import InterlockTrust
import InterlockTrustCommands
import InterlockTrustQueries
import InterlockTrustStages

extension NodeEvidence {
    /// The record of each agent of a policy, as of now. Reads the whole log, on the thread of simulations.
    ///
    /// - Returns: nil if it cannot be read, which the log of the program says.
    func trust(
        under policy: PolicySnapshot, _ stages: TrustStageRegistry, at now: Timestamp,
        known: @escaping @Sendable (AgentName) -> AgentFacts
    ) async -> [AgentName: AgentTrustRecord]? {
        do throws(EvidenceRefusal) {
            return try await simulation { log, isGoing in
                let read = try TrustRecords(
                    serving: log, policy, stages.currentCriteria, at: now, while: isGoing,
                    status: { stages.status(of: $0) }, known: known)
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

/// Reads the evidence of promotions from this node's own log.
struct LogPromotionEvidence: PromotionEvidenceReader {
    let node: NodeEvidence
    let stages: TrustStageRegistry

    func evidence(on request: PromotionEvidenceRequest) async -> PromotionEvidence? {
        let stages = stages
        do throws(EvidenceRefusal) {
            return try await node.simulation { log, isGoing in
                let read = try TrustRecords(
                    serving: log, request.policy, request.criteria, of: request.agent,
                    undone: request.undoneSince, at: request.now, while: isGoing,
                    status: { stages.status(of: $0) },
                    known: { _ in request.known })
                return read.reports.first?.assessment(for: request.stage, at: request.now).map {
                    PromotionEvidence(checkpoint: read.checkpoint, assessment: $0)
                }
            }
        } catch {
            InterlockCommandLine.log(
                "the evidence of a promotion cannot be read from the log: \(error)", .warning,
                part: "trust")
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
