package import InterlockAdministration
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockReview

// The exception by which two people move one review, once, by at most 14 days. It is recorded, then kept, then acts.
extension ReviewService {
    /// The document that waits for the second person, and the due date that a new one would move.
    package func postponement(of scope: ReviewScope) async throws(Problem) -> JSONValue {
        guard let facts = registry.facts(of: scope) else {
            throw Problem(.noSuchAgent, "nothing is reviewed as `\(scope.text)`")
        }
        var answer: JSONObject = [
            "scope": .string(scope.text),
            "due": .string(facts.due.wholeSecond.rfc3339(fractionDigits: 0)),
            "latest": .string(
                (facts.due.wholeSecond + ReviewSchedule.longestPostponement)
                    .rfc3339(fractionDigits: 0)),
            "document": .null,
        ]
        if let bytes = try await read(Self.name(of: scope)),
            let envelope = try? Envelope(parsing: bytes),
            let order = try? PostponementOrder(envelope), order.due == facts.due.wholeSecond
        {
            answer["document"] = envelope.json
        }
        return .object(answer)
    }

    private static func name(of scope: ReviewScope) -> String {
        // The name of an agent is the name of a file.
        "postpone-" + (scope.agent?.text ?? "") + documentEnd
    }

    /// Takes the signature of one of the two people. With the second one the review is postponed.
    package func postpone(_ body: JSONValue, by: Pseudonym) async throws(Problem) -> JSONValue {
        await changing.enter()
        defer { changing.leave() }
        let new = try verified(body)
        try check(new.order)
        let name = Self.name(of: new.order.scope)
        let whole = try await joined(new, name)
        guard let keys = registry.keys, whole.envelope.isSigned(by: registry.verifier) else {
            throw Problem(.badSignature, "a signature under the postponement does not verify")
        }
        let decided = whole.decided(among: keys)
        guard decided.count == whole.envelope.signatures.count else {
            throw Problem(
                .badSignature, "the signature is not by a key of a person whom the document names")
        }
        try await write(whole.envelope.bytes, name)
        let order = whole.order
        var answer: JSONObject = [
            "scope": .string(order.scope.text),
            "until": .string(order.until.rfc3339(fractionDigits: 0)),
        ]
        guard decided.count == order.deciders.count else {
            answer["postponed"] = .bool(false)
            return .object(answer)
        }
        try await keep(whole, decided.map(\.pseudonym), by)
        answer["postponed"] = .bool(true)
        return .object(answer)
    }

    private func keep(
        _ signed: SignedPostponement, _ signers: [Pseudonym], _ by: Pseudonym
    ) async throws(Problem) {
        let order = signed.order
        var fields: JSONObject = [
            "due": .integer(order.due.microseconds), "until": .integer(order.until.microseconds),
            "signers": .array(signers.map { .string($0.text) }), "by": .string(by.text),
        ]
        fields["agent"] = order.scope.agent.map { .string($0.text) }
        let proof = [(field: "proof", plaintext: signed.envelope.bytes)]
        _ = try await record(.reviewPostponed, (fields, proof))
        do throws(ReviewStoreFailure) { try await registry.keep(signed) } catch {
            fields["code"] = "postponement.unkept"
            gateway.ledger.note(
                gateway.records.record(
                    .reviewPostponed, run: nil, fields: fields, sealing: proof))
            throw Problem(error)
        }
    }

    private func verified(_ body: JSONValue) throws(Problem) -> SignedPostponement {
        do throws(FormError) {
            return try SignedPostponement(Envelope(json: body), verifiedBy: registry.verifier)
        } catch { throw Problem(error) }
    }

    private func check(_ order: PostponementOrder) throws(Problem) {
        guard sameBytes(order.org, gateway.policy.snapshot.org),
            let facts = registry.facts(of: order.scope)
        else { throw Problem(.noSuchAgent, "nothing is reviewed as `\(order.scope.text)`") }
        guard facts.due.wholeSecond == order.due else {
            throw Problem(
                .otherState,
                "the review is due on \(facts.due.rfc3339(fractionDigits: 0)), and not on the date of the document, or was postponed before"
            )
        }
        let now = registry.now()
        guard isCurrent(order.date, at: now), order.until > now else {
            throw Problem(
                .otherState,
                "the document is dated in the future or more than 7 days ago, or is over")
        }
        if facts.postponements.contains(where: { $0.until.wholeSecond == order.due }) {
            throw Problem(.otherState, ReviewEntryRefusal.postponed.text)
        }
    }

    private func joined(
        _ new: SignedPostponement, _ name: String
    ) async throws(Problem) -> SignedPostponement {
        guard let bytes = try await read(name), let before = try? Envelope(parsing: bytes),
            before.payloadType == new.envelope.payloadType, before.payload == new.envelope.payload
        else { return new }
        let known = Set(new.envelope.signatures.map(\.credential))
        let envelope = Envelope(
            payloadType: before.payloadType, payload: before.payload,
            signatures: new.envelope.signatures
                + before.signatures.filter { !known.contains($0.credential) })
        return try verified(envelope.json)
    }
}
