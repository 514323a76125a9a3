import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTrust

/// A promotion by people whose keys the plan states. Its evidence is not computed: no file has its digest.
struct SimulatedPromotion {
    let agent: AgentName
    let from: AutonomyStage
    let to: AutonomyStage

    private static let rationale =
        "Forty days of tickets read as asked, and each one that was closed had its approval"

    struct Refused: Error {}

    /// Returns the record, whose proof is the document that every decider signed.
    func record(_ plan: QuarterPlan, _ log: SimulatedLog) throws -> RecordDraft {
        let date = log.clock.wall.wholeSecond
        let people = plan.deciders.map(\.person)
        let nothing = OpenSSLHashing().sha256([])
        guard let owner = people.first,
            let promotion = Promotion(
                org: plan.org, agent: agent, from: from, to: to, owner: owner,
                deciders: people, date: date, expires: date + .seconds(90 * 86_400),
                rationale: Self.rationale, criteria: nothing, evidence: nothing,
                fingerprint: nothing, policy: plan.policy)
        else { throw Refused() }
        let payload = try promotion.canonical()
        let unsigned = Envelope(payloadType: .promotion, payload: payload, signatures: [])
        let signed = Envelope(
            payloadType: .promotion, payload: payload,
            signatures: plan.deciders.map {
                .key($0.key.publicKey, $0.key.sign(unsigned.message))
            })
        let signers = plan.deciders.map { JSONValue.string($0.pseudonym) }
        return log.writer.record(
            .trustPromoted, run: nil,
            fields: [
                "agent": .string(agent.text), "from": .string(from.name),
                "to": .string(to.name), "date": .integer(promotion.date.microseconds),
                "until": .integer(promotion.expires.microseconds), "signers": .array(signers),
                "fp": .string(nothing.base64), "pol": .string(plan.policy.base64),
                "h": .string(nothing.base64), "digest": .string(nothing.base64),
                "by": signers.first ?? .null,
            ], sealing: [(field: "proof", plaintext: signed.bytes)])
    }
}
