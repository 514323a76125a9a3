package import InterlockAdministration
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockReview
import InterlockTrust

// The sign-off of a review. It is recorded first, then kept, then acts: if the process dies between two steps, it does not
// count, and any reviewer signs once more.
extension ReviewService {
    /// The time for which a document can be signed, and the tolerated difference between the clocks of people and gateway.
    /// They hold for sign-offs and postponements.
    static let validity = Duration.seconds(7 * 86_400)
    private static let clockTolerance = Duration.seconds(300)
    private static let parts = SignOffPart.allCases.filter { $0 != .sample }

    /// Makes the document that reviewers sign, from what they state of the other parts. Nothing is stored.
    ///
    /// - Parameter stated: `next` and `reviewers`; `policy`, that of the matrix; `parts`, those that are done; `controls`,
    ///   `drift`, `decisions`, `retire` and `findings` as in the document, findings without a number; `earlier`, the
    ///   outcomes of open findings, each with `review` and `number`, by the first reviewer if `by` names no other.
    /// - Returns: what is `missing`, and the `document` if nothing is.
    /// - Throws: `otherState` if people signed a document of the review already.
    package func draft(_ id: ReviewID, _ stated: JSONValue) async throws(Problem) -> JSONValue {
        let review = try open(id)
        try await refuseChange(of: review)
        let (signOff, missing) = try draft(try await drawn(review), stated)
        var answer: JSONObject = ["missing": .array(missing.map { .string($0) })]
        if missing.isEmpty { answer["document"] = signOff.json }
        return .object(answer)
    }

    /// Makes the document of what is stated, and says what it lacks before it can be signed.
    func draft(
        _ drawn: DrawnReview, _ stated: JSONValue
    ) throws(Problem) -> (signOff: ReviewSignOff, missing: [String]) {
        let signOff = try document(of: drawn, stated)
        let parts = (stated["parts"]?.array ?? []).compactMap { value in
            value.string.map { ExactText($0) }
        }
        var missing = Self.parts.filter { !parts.contains(ExactText($0.rawValue)) }.map {
            ReviewRefusal.missing($0).text
        }
        missing += try refusals(signOff, drawn).map { drawn.words(of: $0) }
        return (signOff, missing)
    }

    /// The date of a document that is made now.
    func documentDate(of review: OpenReview) -> Timestamp {
        max(registry.now().wholeSecond, review.period.end)
    }

    private func document(
        of drawn: DrawnReview, _ stated: JSONValue
    ) throws(Problem) -> ReviewSignOff {
        let policy = gateway.policy.snapshot
        let (review, marked) = (drawn.review, drawn.marked)
        let now = documentDate(of: review)
        // A matrix that was not made is missed later, since this is no policy.
        let matrix = stated["policy"] ?? JSONValue.string(Self.noPolicy.prefixed)
        let next = stated["next"] ?? JSONValue.null
        let reviewers = stated["reviewers"] ?? JSONValue.null
        do throws(FormError) {
            let marks = try marked.digest(registry.hashing)
            var object: JSONObject = [
                "date": .string(now.rfc3339(fractionDigits: 0)),
                "from": .string(review.period.start.rfc3339(fractionDigits: 0)),
                "marks": .string(marks.prefixed), "next": next, "org": .string(policy.org),
                "policy": matrix, "review": .string(review.id.text), "reviewers": reviewers,
                "sample": .string(review.sample.prefixed), "scope": .string(review.scope.text),
                "to": .string(review.period.end.rfc3339(fractionDigits: 0)), "type": "review",
                "v": 1, "warnings": .array(marked.warnings.map { .string($0) }),
            ]
            for name in ["controls", "decisions", "drift"] {
                object[name] = stated[name] ?? JSONValue.array([])
            }
            object["findings"] = .array(Self.numbered(stated["findings"]))
            let earlier = try self.earlier(of: review.scope, stated)
            if !earlier.isEmpty { object["earlier"] = .array(earlier.map(\.json)) }
            if let retire = stated["retire"] { object["retire"] = retire }
            let bytes: [UInt8]
            do throws(JSONError) { bytes = try JSONValue.object(object).canonical() } catch {
                throw FormError.json(error)
            }
            return try ReviewSignOff(
                Envelope(payloadType: .review, payload: bytes, signatures: []))
        } catch { throw Problem(error) }
    }

    /// The open findings of earlier reviews whose outcome is stated.
    private func earlier(
        of scope: ReviewScope, _ stated: JSONValue
    ) throws(FormError) -> [EarlierFinding] {
        let open = registry.reviews(of: scope)?.findings ?? []
        let first = stated["reviewers"]?.array?.first?.string.flatMap { Person($0) }
        var outcomes: [FindingOutcome] = []
        for value in stated["earlier"]?.array ?? [] {
            let outcome = try FindingOutcome(json: value, by: first)
            guard open.contains(where: { outcome.isAbout($0) }) else {
                throw FormError.badMember("earlier", "about findings that are open")
            }
            outcomes.append(outcome)
        }
        return open.compactMap { one -> EarlierFinding? in
            guard let outcome = outcomes.last(where: { $0.isAbout(one) }) else { return nil }
            return EarlierFinding(one, isMended: outcome.isMended, by: outcome.by)
        }
    }

    private static let noPolicy = Digest(words: (0, 0, 0, 0))

    private static func numbered(_ findings: JSONValue?) -> [JSONValue] {
        (findings?.array ?? []).enumerated().map { place, value -> JSONValue in
            guard var object = value.object else { return value }
            object["number"] = .integer(Int64(place + 1))
            return .object(object)
        }
    }

    /// Everything that the sign-off lacks.
    private func refusals(
        _ signOff: ReviewSignOff, _ drawn: DrawnReview
    ) throws(Problem) -> [ReviewRefusal] {
        let review = drawn.review
        guard let keys = registry.keys else {
            throw Problem(.notRead, "the authorized keys cannot be read")
        }
        var reviewers: [Reviewer] = []
        for person in signOff.reviewers {
            guard let known = keys.person(person) else {
                throw Problem(.noSuchPerson, "`\(person)` is not among the authorized people")
            }
            reviewers.append(Reviewer(person: person, pseudonym: known.pseudonym))
        }
        let policy = gateway.policy.snapshot
        let progress = SignOffBasis(
            sample: drawn.sample, marks: review.marks, parts: Set(Self.parts),
            drift: drawn.facts.drift(with: signOff.drift), findings: signOff.findings,
            open: registry.reviews(of: review.scope)?.findings ?? [], earlier: signOff.earlier,
            controls: signOff.controls,
            matrixPolicy: signOff.policy == Self.noPolicy ? nil : signOff.policy,
            owners: owners(of: review.scope, policy), approvals: drawn.facts.approvals,
            tier: tier(of: review.scope))
        return progress.refusals(
            reviewers: reviewers, policy: policy.digest, next: signOff.next,
            latest: try latest(after: signOff.date, review.scope))
    }

    /// The owner of the agent; of the organisation the owners of all agents of the policy.
    func owners(of scope: ReviewScope, _ policy: PolicySnapshot) -> Set<Person> {
        guard let agent = scope.agent else {
            return Set(policy.agents.values.compactMap(\.owner))
        }
        return Set([policy.agents[agent]?.owner].compactMap { $0 })
    }

    /// The latest date of the next review, by the schedule.
    func latest(
        after date: Timestamp, _ scope: ReviewScope
    ) throws(Problem) -> Timestamp {
        guard let facts = registry.facts(of: scope) else {
            throw Problem(.noSuchAgent, "the policy does not have the agent any more")
        }
        return ScheduleFacts(
            tier: facts.tier, began: facts.began, demotions: facts.demotions, signed: date
        ).regularDue
    }

    /// Takes the signature of a reviewer. With the last one the review is signed.
    ///
    /// - Parameters:
    ///   - body: the DSSE envelope.
    ///   - by: the operator who submits it.
    package func sign(
        _ id: ReviewID, _ body: JSONValue, by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        await changing.enter()
        defer { changing.leave() }
        let review = try open(id)
        let new = try signed(body)
        let drawn = try await drawn(review)
        try check(new.signOff, drawn)
        guard let keys = registry.keys, new.hasOnlyReviewers(among: keys) else {
            throw Problem(
                .badSignature,
                "the signature is not by a key or passkey of a reviewer whom the document names")
        }
        guard new.hasOnlyValidCredentials(among: keys, tier: tier(of: review.scope)) else {
            throw Problem(
                .notEligible,
                "the key or passkey is revoked, has expired, or is too new for an agent of tier high"
            )
        }
        // Signatures under another document are not about this one.
        var before = try await waiting(of: review)
        if before?.envelope.payload != new.envelope.payload {
            try await refuseChange(of: review)
            before = nil
        }
        let whole = try whole(new, before, keys)
        try await PeoplePasskeys.count(
            whole.envelope, after: before?.envelope, of: sources.passkeys, keys,
            hashing: registry.hashing, verifier: registry.verifier, at: registry.now()
        ) { gateway.raise(alarm: $0, subject: $1) }
        try await store(whole, of: review, by: by)
        var answer: JSONObject = [
            "review": .string(id.text), "scope": .string(review.scope.text),
            "next": .string(whole.signOff.next.rfc3339(fractionDigits: 0)),
        ]
        guard let signers = whole.signers(among: keys, tier: tier(of: review.scope)) else {
            answer["signed"] = .bool(false)
            let signed = whole.signed(among: keys)
            answer["waits_for"] = .array(
                whole.signOff.reviewers.filter { !signed.contains($0) }.map {
                    .string($0.address)
                })
            return .object(answer)
        }
        var content = fields(of: whole, signers, by)
        let leaf = try await record(.reviewSigned, content)
        do throws(ReviewStoreFailure) { try await registry.keep(whole, leaf: leaf) } catch {
            content.fields["code"] = "review.unkept"
            gateway.ledger.note(
                gateway.records.record(
                    .reviewSigned, run: nil, fields: content.fields, sealing: content.payloads))
            throw Problem(error)
        }
        answer["signed"] = .bool(true)
        await readWaiting()
        return .object(answer)
    }

    func signed(_ body: JSONValue) throws(Problem) -> SignedReview {
        do throws(FormError) {
            return try SignedReview(
                Envelope(json: body), verifiedBy: registry.verifier, passkeys: registry.passkeys)
        } catch { throw Problem(error) }
    }

    /// Refuses what no signature makes good.
    func check(
        _ signOff: ReviewSignOff, _ drawn: DrawnReview
    ) throws(Problem) {
        let (review, marked) = (drawn.review, drawn.marked)
        let marks: Digest
        do throws(FormError) { marks = try marked.digest(registry.hashing) } catch {
            throw Problem(error)
        }
        let policy = gateway.policy.snapshot
        let open = Set(registry.reviews(of: review.scope)?.findings ?? [])
        let pairs: [(String, Bool)] = [
            ("org", sameBytes(signOff.org, policy.org)), ("review", signOff.review == review.id),
            ("scope", signOff.scope == review.scope), ("from", signOff.period == review.period),
            ("sample", signOff.sample == review.sample), ("marks", signOff.marks == marks),
            ("earlier", signOff.earlier.allSatisfy { open.contains($0.open) }),
            (
                "warnings",
                signOff.warnings.elementsEqual(marked.warnings, by: { sameBytes($0, $1) })
            ),
        ]
        if let different = pairs.first(where: { !$0.1 }) {
            throw Problem(
                .otherState, "the document is not about this review: `\(different.0)` differs",
                help: "interlock review sign \(review.id.text)")
        }
        guard isCurrent(signOff.date, at: registry.now()) else {
            throw Problem(
                .otherState, "the document is dated in the future, or more than 7 days ago")
        }
        guard signOff.findings.allSatisfy({ $0.due > signOff.date }) else {
            throw Problem(.otherState, "a finding is due before the review is signed")
        }
        let refusals = try refusals(signOff, drawn)
        guard refusals.isEmpty else {
            throw Problem(
                .otherState,
                "the review cannot be signed: " + refusals.map(\.text).joined(separator: "; "))
        }
    }

    /// True if a document of this date can be signed now.
    func isCurrent(_ date: Timestamp, at now: Timestamp) -> Bool {
        date <= now + Self.clockTolerance && now - date <= Self.validity
    }

    /// Returns the document with the signatures of before and the new ones.
    private func whole(
        _ new: SignedReview, _ before: SignedReview?, _ keys: AuthorizedKeys
    ) throws(Problem) -> SignedReview {
        guard let before else { return new }
        // A second signature of a person would void the document, by whatever credential.
        let people = Set(before.signed(among: keys))
        guard people.isDisjoint(with: new.signed(among: keys)) else { return before }
        let envelope = Envelope(
            payloadType: before.envelope.payloadType, payload: before.envelope.payload,
            signatures: new.envelope.signatures + before.envelope.signatures)
        return try signed(envelope.json)
    }

    /// The document that waits for further signatures; nil without one, and if one of its signatures does not verify or
    /// counts no more, so that it keeps no person from signing.
    func waiting(of review: OpenReview) async throws(Problem) -> SignedReview? {
        guard let bytes = try await read(review.id.text + Self.documentEnd),
            let envelope = try? Envelope(parsing: bytes), let signed = try? signed(envelope.json),
            let keys = registry.keys, signed.hasOnlyReviewers(among: keys),
            signed.hasOnlyValidCredentials(among: keys, tier: tier(of: review.scope))
        else { return nil }
        return signed
    }

    /// The document that waits for further signatures; nil without one.
    package func document(of id: ReviewID) async throws(Problem) -> JSONValue {
        guard let waiting = try await waiting(of: try open(id)) else { return .null }
        return waiting.envelope.json
    }

    func tier(of scope: ReviewScope) -> Tier {
        let agents = gateway.policy.snapshot.agents
        if let agent = scope.agent { return agents[agent]?.tier ?? .high }
        return agents.values.map(\.tier).max() ?? .high
    }

    private func fields(
        of signed: SignedReview, _ signers: [Pseudonym], _ by: Pseudonym
    ) -> (fields: JSONObject, payloads: [(field: String, plaintext: [UInt8])]) {
        let signOff = signed.signOff
        var fields: JSONObject = [
            "rvw": .string(signOff.review.text),
            "from": .integer(signOff.period.start.microseconds),
            "to": .integer(signOff.period.end.microseconds),
            "date": .integer(signOff.date.microseconds),
            "due": .integer(signOff.next.microseconds), "digest": .string(signOff.sample.base64),
            "h": .string(signOff.marks.base64), "pol": .string(signOff.policy.base64),
            "cnt": .integer(Int64(signOff.findings.count)),
            "signers": .array(signers.map { .string($0.text) }), "by": .string(by.text),
        ]
        fields["agent"] = signOff.scope.agent.map { .string($0.text) }
        return (fields, [proof(of: signed)])
    }

    /// The document with the public key of each passkey, so that anyone can verify its signatures offline.
    func proof(of signed: SignedReview) -> (field: String, plaintext: [UInt8]) {
        let evidence = signed.envelope.evidence { registry.passkeys?.passkey($0)?.publicKey }
        return ("proof", evidence.serialized())
    }
}
