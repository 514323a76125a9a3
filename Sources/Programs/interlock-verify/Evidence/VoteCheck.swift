/// The votes of people in a chain (docs/auditing.md, section 11): each names what was shown, and where the
/// bundle discloses it, the signed statement is checked as well.
struct VoteCheck {
    private let opened: Openings
    private let people: People?
    /// The newest `bind` of each request, with the record that has it.
    private var shown: [Octets: (content: Digest, leaf: Digest)] = [:]
    private var bound = 0
    private var signed = 0
    private var identified = 0

    /// - Returns: what was checked, in words for the result.
    static func check(
        _ chain: Chain, _ opened: Openings, _ people: People?, _ findings: inout Findings
    ) -> [String] {
        var check = VoteCheck(opened: opened, people: people)
        for (sequence, link) in chain.records.enumerated() {
            do { try check.take(link) } catch {
                findings.fault("record \(sequence) of the run: \(error)")
            }
        }
        guard check.bound > 0 else { return [] }
        if check.signed < check.bound {
            findings.warn(
                "\(check.bound - check.signed) of \(check.bound) votes are not disclosed: their signatures were not checked"
            )
        }
        if check.identified < check.signed {
            findings.warn(
                "\(check.signed - check.identified) signers of votes were not identified (--people)"
            )
        }
        return [
            "\(check.bound) votes (\(check.signed) signatures verified, \(check.identified) signers known)"
        ]
    }

    private init(opened: Openings, people: People?) {
        self.opened = opened
        self.people = people
    }

    private mutating func take(_ link: Chain.Link) throws(Fault) {
        let fields = link.record.fields
        switch link.record.type {
        case "approval.requested", "approval.reissued":
            guard let request = fields.text("appr"),
                let bind = link.record.commitment(Octets("bind"))
            else { throw Fault("a request that does not say what was shown") }
            shown[request] = (bind.content, link.hash)
        case "approval.granted": try takeVote(link, verdict: "approve")
        case "approval.denied": try takeVote(link, verdict: "deny")
        default: break
        }
    }

    private mutating func takeVote(_ link: Chain.Link, verdict: StaticString) throws(Fault) {
        let fields = link.record.fields
        guard let request = fields.text("appr"), let approver = fields.text("by"),
            let bind = fields.digest("bindc"), let shown = shown[request], shown.content == bind
        else { throw Fault("the vote is not about what was shown") }
        bound += 1
        guard let proof = opened.plaintext("proof", of: link.hash) else { return }
        guard let envelope = Envelope(proof), let statement = envelope.vote else {
            throw Fault("the vote is no signed statement")
        }
        guard envelope.isSigned else { throw Fault("the signature of the vote is wrong") }
        guard
            statement.text("request").map({ $0 == request || $0 == Octets("apr_\(request)") })
                == true,
            statement.text("verdict")?.bytes.isText(verdict) == true,
            statement.digest("bind") == bind, statement.text("approver") == approver,
            fields.written("need").map({ (statement.written("quorum") ?? $0) == $0 }) ?? true
        else { throw Fault("the signed statement is about something else") }
        if let review = opened.plaintext("bind", of: shown.leaf) {
            guard let review = try? JSONObject(review, .canonical),
                let call = review.written("call"),
                statement.text("call") == Octets("sha256:" + Crypto.sha256(call).hex)
            else { throw Fault("the statement names another call than the one shown") }
            try compare(statement, with: review)
        }
        signed += 1
        guard let people else { return }
        guard people.holds(envelope.key, approver) else {
            throw Fault("the key of the vote is not one of its approver")
        }
        identified += 1
    }
}

extension VoteCheck {
    /// What the statement repeats of the review is what the review says. Both are in forms in which a
    /// value is written in one way.
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

/// A statement with its one signature, in the JSON form of DSSE.
private struct Envelope {
    let type: [UInt8]
    let payload: [UInt8]
    let key: [UInt8]
    let signature: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard let fields = try? JSONObject(bytes, .document),
            fields.hasExactly("payloadType", "payload", "signatures"),
            let type = fields.text("payloadType"), let payload = fields.base64("payload"),
            let signatures = fields.objects("signatures"), signatures.count == 1,
            signatures[0].hasExactly("keyid", "sig"), let key = signatures[0].base64("keyid"),
            let signature = signatures[0].base64("sig")
        else { return nil }
        self.type = type.bytes
        self.payload = payload
        self.key = key
        self.signature = signature
    }

    /// Over the pre-authentication encoding, so the bytes cannot pass as another kind of statement.
    var isSigned: Bool {
        let message =
            Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
        return Crypto.verifies(signature, of: message, by: key)
    }

    /// The statement, if the envelope is said to hold a vote and does.
    var vote: JSONObject? {
        guard type.isText("application/vnd.interlock.vote+json"),
            let statement = try? JSONObject(payload, .record),
            statement.text("type") == Octets("vote")
        else { return nil }
        return statement
    }
}
