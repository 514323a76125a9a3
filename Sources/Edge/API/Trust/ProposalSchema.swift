import InterlockLedger
import InterlockModel
package import InterlockPromotions
package import InterlockSchemas
package import InterlockTrust

extension ProposalView: ResponseRecord {
    package static let form = ResponseSchema<ProposalView>(
        "ProposedPromotion",
        .init("proposal", .text(.digest), "Its id: the digest of its evidence.") {
            $0.evidence.prefixed
        },
        .init("agent", .text(.plain(1...256)), "Its name.") { $0.agent.text },
        .init("from", .stage, "The stage that it has.") { $0.snapshot.from.name },
        .init("to", .stage, "The next stage, or the same to attest it again.") {
            $0.snapshot.to.name
        },
        .init("undoes", .truth, "Whether it undoes demotions that people found mistaken.") {
            $0.snapshot.undoes
        },
        .init("date", .text(.time), "When the evidence was computed.") { $0.snapshot.date },
        .init("until", .text(.time), "Until then it can be signed.") { $0.end },
        .init("open", .truth, "Whether it can be signed now.") { $0.isOpen },
        .init("log", .text(.plain(1...512)), "The origin of the log.") {
            $0.snapshot.checkpoint.origin
        },
        .init("log_size", .count, "The records up to which it was read.") {
            $0.snapshot.checkpoint.size
        },
        .init("criteria", .list(of: ProposalLine.self, 0...32), "With value and threshold.") {
            $0.lines
        },
        .maybe("owner", person, "Of the agent, as the policy names the person.") {
            $0.owner?.address
        },
        .init("deciders", .list(person, count: 0...8), "Whom the document names.") {
            ($0.promotion?.deciders ?? []).map(\.address)
        },
        .init("signed", .list(person, count: 0...8), "The deciders who have.") {
            $0.signed.map(\.address)
        },
        .maybe("rationale", .text(.passage), "Of the document; omitted before the first one.") {
            $0.promotion?.rationale
        },
        .maybe("expires", .text(.time), "When the promotion ends, as the document says.") {
            $0.promotion?.expires
        })

    private static let person = JSONSchemaType.text(.plain(1...254))

    /// The criteria with the number of the records of each.
    package var lines: [ProposalLine] {
        zip(snapshot.lines, records).map { ProposalLine(line: $0, records: $1) }
    }
}

/// One criterion of a proposal.
package struct ProposalLine: ResponseRecord, Sendable {
    package let line: TrustSnapshot.Line
    package let records: Int

    package static let form = ResponseSchema<ProposalLine>(
        "PromotionCriterion",
        .init("criterion", .choice(of: TrustCriterion.self), "Which.") {
            $0.line.criterion.rawValue
        },
        .init("value", .text(.passage), "A count, or a rate with its bound.") { $0.line.value },
        .init("threshold", .text(.passage), "What it must be.") { $0.line.threshold },
        .init("met", .truth, "Whether it is.") { $0.line.isMet },
        .init("records", .count, "From which it was computed.") { $0.records })
}
