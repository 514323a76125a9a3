package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTrust

extension Command {
    package static let trustPromote = Command(
        "trust promote PROPOSAL", "sign a promotion that was proposed",
        example:
            "interlock trust promote sha256:e2014c... --owner dana@acme.example --rationale 'Four weeks of label routing, 412 clean runs, no rejection' --with omar@acme.example",
        options: [
            .directory, .person, .key, .json,
            Option("--owner EMAIL", "the owner of the agent; required of the first who signs"),
            Option(
                "--rationale TEXT",
                "why, at least 40 characters; required of the first who signs"),
            Option("--with EMAILS", "the other deciders, separated by commas"),
            Option("--expires DATE", "when it ends (default: as late as the criteria permit)"),
        ],
        exits: .ofOrders,
        notes: """
            The first decider writes the document, the others sign the same one. With the last signature the gateway \
            computes the evidence again and promotes the agent. From stage 2 on the owner does not decide alone, stage 3 \
            needs two deciders, and to attest a stage again the owner is one of them.
            """
    ) { invocation in
        let evidence = try invocation.argument(
            "no id of a proposal", help: "interlock trust proposals"
        ) { Digest(prefixed: $0) ?? Digest(hex: $0) }
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment, patience: promotionPatience)
        let signer = try PersonSigner.open(invocation, deployment)
        let shown = try client.get("/v1/promotions/\(evidence.hex)")
        let snapshot = try PromotionDraft.snapshot(in: shown, evidence)
        let draft = try PromotionDraft(
            shown, snapshot, evidence, signer.person.person,
            org: try PersonSigner.trustFile(of: deployment).org, invocation)
        invocation.explain(draft.text)
        let answer = try client.post(
            "/v1/promotions/\(evidence.hex)/sign", try signer.sign(.promotion, draft.payload).json)
        let waiting = answer.strings("waits_for").joined(separator: ", ")
        return invocation.print(
            answer,
            answer.flag("promoted")
                ? "promoted \(snapshot.agent) to \(answer.text("to"))"
                : "signed; it waits for " + TerminalEscaping.shown(waiting))
    }
}

/// The document that a person is about to sign, and what the person reads first.
private struct PromotionDraft {
    let payload: [UInt8]
    private let promotion: Promotion
    private let snapshot: TrustSnapshot

    /// Takes the document that others signed, or makes the first one.
    ///
    /// - Throws: exit 77 if the document does not name the person as a decider.
    init(
        _ shown: JSONValue, _ snapshot: TrustSnapshot, _ evidence: Digest, _ person: Person,
        org: String, _ invocation: Invocation
    ) throws(Failure) {
        self.snapshot = snapshot
        if let document = shown["document"], document.object != nil {
            (promotion, payload) = try Self.signed(document, invocation)
        } else {
            (promotion, payload) = try Self.made(
                shown, snapshot, evidence, person, org: org, invocation)
        }
        guard
            PromotionProposal(evidence: evidence, snapshot: snapshot).mismatch(of: promotion)
                == nil, sameBytes(promotion.org, org)
        else {
            throw Failure(.data, "the gateway shows a document of another proposal")
        }
        guard promotion.deciders.contains(person) else {
            throw Failure(
                .notPermitted, "the document does not name \(person.address) as a decider",
                help: "deciders: " + promotion.deciders.map(\.address).joined(separator: ", "))
        }
    }

    /// - Throws: exit 65 if the gateway shows another file than the one that the id is the digest of.
    static func snapshot(
        in shown: JSONValue, _ evidence: Digest
    ) throws(Failure) -> TrustSnapshot {
        do {
            let bytes = try (shown["snapshot"] ?? .null).canonical()
            guard OpenSSLHashing().sha256(bytes) == evidence else {
                throw Failure(.data, "the gateway shows another proposal than the one named")
            }
            return try TrustSnapshot(parsing: bytes)
        } catch let failure as Failure {
            throw failure
        } catch { throw Failure(.data, "the gateway's proposal is malformed: \(error)") }
    }

    private static func signed(
        _ document: JSONValue, _ invocation: Invocation
    ) throws(Failure) -> (Promotion, [UInt8]) {
        let envelope: Envelope
        let promotion: Promotion
        do throws(FormError) {
            envelope = try Envelope(json: document)
            promotion = try Promotion(envelope)
        } catch { throw Failure(.data, "the gateway's document is malformed: \(error)") }
        let stated = [
            ("owner", promotion.owner.address), ("rationale", promotion.rationale),
        ].first { name, text in invocation[name].map { !sameBytes($0, text) } ?? false }
        let other = stated?.0 ?? ["with", "expires"].first { invocation.has($0) }
        if let other {
            throw Failure(
                .no, "another document of this proposal is signed already",
                help: "leave out --\(other) to sign that one, or propose again")
        }
        return (promotion, envelope.payload)
    }

    private static func made(
        _ shown: JSONValue, _ snapshot: TrustSnapshot, _ evidence: Digest, _ person: Person,
        org: String, _ invocation: Invocation
    ) throws(Failure) -> (Promotion, [UInt8]) {
        let owner = try Invocation.person(try invocation.require("owner"))
        let rationale = try invocation.require("rationale")
        guard rationale.count >= Promotion.leastRationale else {
            throw Failure(
                .usage,
                "the rationale has at least \(Promotion.leastRationale) characters, and not \(rationale.count)"
            )
        }
        let deciders = try invocation.people(person, with: "with")
        let now = SystemClock().now.wall.wholeSecond
        let expires: Timestamp
        if let text = invocation["expires"] {
            expires = try Invocation.parsed(
                text, "no date", help: "write 2027-02-18 or 2027-02-18T09:00:00Z", .usage
            ) { Timestamp(rfc3339: $0) ?? Timestamp(rfc3339: $0 + "T00:00:00Z") }
        } else {
            guard let longest = shown["longest_s"]?.integer else {
                throw Failure(.no, "no criteria are in force, so no promotion counts")
            }
            expires = now + .seconds(longest)
        }
        guard
            let promotion = Promotion(
                org: org, agent: snapshot.agent, from: snapshot.from, to: snapshot.to,
                owner: owner, deciders: deciders, date: now, expires: expires,
                rationale: rationale, criteria: snapshot.criteria, evidence: evidence,
                fingerprint: snapshot.fingerprint, policy: snapshot.policy,
                undoes: snapshot.undoes)
        else {
            throw Failure(
                .usage,
                "a promotion ends after its date and within 366 days, has 1 to 8 deciders, and a rationale of at most 4,000 bytes"
            )
        }
        return (promotion, try statement { () throws(FormError) in try promotion.canonical() })
    }

    /// The text that a person reads before signing, made from the signed value and the evidence alone.
    var text: String {
        var lines = [
            "promotion of \(promotion.agent) from \(promotion.from.name) to \(promotion.to.name), "
                + "until \(promotion.expires.rfc3339(fractionDigits: 0))"
                + (promotion.undoes ? "; undoes demotions as mistaken" : ""),
            "owner \(promotion.owner.address), deciders "
                + promotion.deciders.map(\.address).joined(separator: ", "),
            "rationale: \(promotion.rationale)",
            "evidence \(promotion.evidence.prefixed), log \(snapshot.checkpoint.origin) up to "
                + "\(snapshot.checkpoint.size)",
        ]
        lines += snapshot.lines.map { "  " + $0.text }
        return lines.map { TerminalEscaping.shown($0) }.joined(separator: "\n")
    }
}
