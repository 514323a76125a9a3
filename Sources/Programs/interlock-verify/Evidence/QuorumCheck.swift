/// Checks that each form of a request requires as many people as was displayed, and fewer than the form before it only
/// by break-glass or for a different decision (docs/auditing.md, section 11).
struct QuorumCheck {
    private struct Form {
        let need: UInt64
        /// The disclosed review, or nil if it is not disclosed.
        let review: JSONObject?
    }
    private struct Lowering {
        /// The revision of the form that requires one person.
        let revision: UInt64
        let was: UInt64
    }
    private let opened: Openings
    private let signers: Signers
    private var forms: [Octets: Form] = [:]
    private var lowerings: [Octets: Lowering] = [:]
    private var broken = 0
    private var orders = SignerCount()
    private var unexplained = 0

    /// - Returns: what was checked, in words for the result.
    static func check(
        _ chain: Chain, _ opened: Openings, _ signers: Signers, _ findings: inout Findings
    ) -> [String] {
        var check = QuorumCheck(opened: opened, signers: signers)
        for (sequence, link) in chain.records.enumerated() {
            do { try check.take(link) } catch {
                findings.fault("record \(sequence) of the run: \(error)")
            }
        }
        if check.unexplained > 0 {
            findings.warn(
                "\(check.unexplained) requests ask for fewer people than before: why is not disclosed"
            )
        }
        guard check.broken > 0 else { return [] }
        if check.orders.signed < check.broken {
            findings.warn(
                "\(check.broken - check.orders.signed) approvals by break-glass, orders not checked"
            )
        }
        check.orders.warn("orders of break-glass", &findings)
        return ["\(check.broken) uses of break-glass (\(check.orders.statement))"]
    }

    private mutating func take(_ link: Chain.Link) throws(Fault) {
        guard let request = link.record.fields.text("appr") else { return }
        switch link.record.type {
        case "approval.breakglass": try lower(request, link)
        case "approval.requested", "approval.reissued":
            let form = try form(link)
            let before = forms.updateValue(form, forKey: request)
            let lowering = lowerings.removeValue(forKey: request)
            try compare(
                form, before,
                lowering?.revision == link.record.fields.integer("rev") ? lowering : nil)
        default: break
        }
    }

    private func form(_ link: Chain.Link) throws(Fault) -> Form {
        guard let need = link.record.fields.integer("need"), need > 0 else {
            throw Fault("a request that does not say how many people must agree")
        }
        guard let shown = opened.plaintext("bind", of: link.hash) else {
            return Form(need: need, review: nil)
        }
        guard let review = try? JSONObject(shown, .canonical),
            review.object("decision")?.range("quorum") == nil
                || review.object("decision")?.integer("quorum") == need
        else { throw Fault("a request for another number of people than was shown") }
        return Form(need: need, review: review)
    }

    private mutating func compare(
        _ form: Form, _ before: Form?, _ lowering: Lowering?
    ) throws(Fault) {
        let isLowered = form.need == 1 && lowering.map { $0.was == before?.need } == true
        if let decision = form.review?.object("decision"), decision.range("lowered_from") != nil {
            guard isLowered, decision.integer("lowered_from") == lowering?.was else {
                throw Fault("fewer people than the policy asks for, without break-glass")
            }
            return
        }
        guard let before, form.need < before.need else { return }
        guard let new = form.review, let old = before.review else {
            if !isLowered { unexplained += 1 }
            return
        }
        guard
            new.written("policy") != old.written("policy")
                || new.written("call") != old.written("call")
        else { throw Fault("fewer people than before, without break-glass or another decision") }
    }

    /// Takes one person's order that one approval is sufficient.
    private mutating func lower(_ request: Octets, _ link: Chain.Link) throws(Fault) {
        let fields = link.record.fields
        guard let person = fields.text("by"), let revision = fields.integer("rev"),
            let was = fields.integer("was"), was > 1, was == forms[request]?.need
        else { throw Fault("break-glass that does not say who lowers what") }
        broken += 1
        lowerings[request] = Lowering(revision: revision, was: was)
        guard let order = opened.plaintext("order", of: link.hash) else { return }
        guard let envelope = VoteEnvelope(order),
            let statement = envelope.statement("break-glass")
        else { throw Fault("the order of break-glass is no signed statement") }
        try envelope.checkSignature()
        guard statement.text("deed") == Octets("lower"), statement.text("request") == request,
            statement.text("author") == person,
            statement.integer("revision").map({ $0 < revision && $0 + 1 == revision }) == true
        else { throw Fault("the signed order is about something else") }
        orders.add(try signers.whose(envelope.signer, person, link))
    }
}
