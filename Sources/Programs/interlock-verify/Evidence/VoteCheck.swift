/// Checks the votes of people in a chain (docs/auditing.md, section 11): each must name the displayed form, and if the
/// bundle discloses the signed statement, that is checked as well.
struct VoteCheck {
    private let opened: Openings
    private let signers: Signers
    /// The newest `bind` of each request, with the record that contains it.
    private var shown: [Octets: (content: Digest, leaf: Digest, uses: UInt64)] = [:]
    private var bound = 0
    private var statements = SignerCount()
    private var consents = 0
    private var objections = 0

    /// - Returns: what was checked, in words for the result.
    static func check(
        _ chain: Chain, _ opened: Openings, _ signers: Signers, _ findings: inout Findings
    ) -> [String] {
        var check = VoteCheck(opened: opened, signers: signers)
        for (sequence, link) in chain.records.enumerated() {
            do { try check.take(link) } catch {
                findings.fault("record \(sequence) of the run: \(error)")
            }
        }
        if check.consents > 0 {
            findings.warn(
                "\(check.consents) approvals are a client's consent: no person has signed them")
        }
        let objections =
            check.objections > 0 ? ["\(check.objections) denials that need no signature"] : []
        guard check.bound > 0 else { return objections }
        if check.statements.signed < check.bound {
            findings.warn(
                "\(check.bound - check.statements.signed) of \(check.bound) votes are not disclosed: their signatures were not checked"
            )
        }
        check.statements.warn("votes", &findings)
        return ["\(check.bound) votes (\(check.statements.statement))"] + objections
    }

    private mutating func take(_ link: Chain.Link) throws(Fault) {
        let fields = link.record.fields
        switch link.record.type {
        case "approval.requested", "approval.reissued":
            guard let request = fields.text("appr"),
                let bind = link.record.commitment(Octets("bind")), let uses = fields.uses
            else { throw Fault("a request that does not say what was shown") }
            shown[request] = (bind.content, link.hash, uses)
        case "approval.granted" where fields.isClientsWord: try takeConsent(link)
        case "approval.granted": try takeVote(link, verdict: "approve")
        case "approval.denied" where fields.written("proof") == nil: try takeObjection(link)
        case "approval.denied": try takeVote(link, verdict: "deny")
        default: break
        }
    }

    /// Checks a client's consent, which replaces a person's vote only at tier low, and only for a quorum of one.
    private mutating func takeConsent(_ link: Chain.Link) throws(Fault) {
        let fields = link.record.fields
        guard let request = fields.text("appr"), let bind = fields.digest("bindc"),
            let shown = shown[request], shown.content == bind
        else { throw Fault("the client's word is not about what was shown") }
        consents += 1
        guard let review = opened.plaintext("bind", of: shown.leaf) else { return }
        guard let review = try? JSONObject(review, .canonical),
            let decision = review.object("decision"), decision.text("tier") == Octets("low"),
            decision.integer("quorum") == 1, decision.written("lowered_from") == nil
        else { throw Fault("a client's word where people had to decide") }
    }

    /// Checks an objection by a signed-in person or through a denial link: it permits nothing, so it needs no
    /// signature.
    private mutating func takeObjection(_ link: Chain.Link) throws(Fault) {
        let fields = link.record.fields
        guard let request = fields.text("appr"), fields.text("by") != nil,
            let bind = fields.digest("bindc"), let shown = shown[request], shown.content == bind
        else { throw Fault("the denial is not about what was shown") }
        objections += 1
    }

    private mutating func takeVote(_ link: Chain.Link, verdict: StaticString) throws(Fault) {
        let fields = link.record.fields
        guard let request = fields.text("appr"), let approver = fields.text("by"),
            let bind = fields.digest("bindc"), let shown = shown[request], shown.content == bind
        else { throw Fault("the vote is not about what was shown") }
        guard fields.written("proof") != nil else {
            throw Fault("the vote has no signed statement")
        }
        bound += 1
        guard let proof = opened.plaintext("proof", of: link.hash) else { return }
        guard let envelope = VoteEnvelope(proof), let statement = envelope.statement("vote") else {
            throw Fault("the vote is no signed statement")
        }
        try envelope.checkSignature()
        guard
            statement.text("request").map({ $0 == request || $0 == Octets("apr_\(request)") })
                == true, statement.text("verdict")?.bytes.isText(verdict) == true,
            statement.digest("bind") == bind, statement.text("approver") == approver,
            fields.written("need").map({ (statement.written("quorum") ?? $0) == $0 }) ?? true,
            statement.uses == shown.uses
        else { throw Fault("the signed statement is about something else") }
        if let review = opened.plaintext("bind", of: shown.leaf) {
            guard let review = try? JSONObject(review, .canonical),
                let call = review.written("call"),
                statement.text("call") == Octets("sha256:" + Crypto.sha256(call).hex)
            else { throw Fault("the statement names another call than the one shown") }
            try compare(statement, with: review)
        }
        statements.add(try signers.whose(envelope.signer, approver, link))
    }
}

extension VoteCheck {
    /// Checks that the values which the statement repeats equal those of the review. Both forms have one representation
    /// for each value.
    private func compare(_ statement: JSONObject, with review: JSONObject) throws(Fault) {
        let decision = review.object("decision")
        let pairs: [(StaticString, ArraySlice<UInt8>?)] = [
            ("revision", review.written("revision")), ("policy", review.written("policy")),
            ("group", decision?.written("group")), ("quorum", decision?.written("quorum")),
        ]
        for (name, shown) in pairs {
            guard let shown else { continue }
            guard let signed = statement.written(name), signed == shown else {
                throw Fault("the signed \(name) is not the one that was shown")
            }
        }
    }
}
