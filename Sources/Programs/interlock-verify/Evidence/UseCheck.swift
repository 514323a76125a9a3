/// Checks that each approval of a chain was used once, or as often as it says, each time for an open call, after enough
/// distinct people had approved the form displayed last, and before anything ended it (docs/auditing.md, section 11);
/// and that no call that people had to approve was executed without such a use.
struct UseCheck {
    private struct Request {
        let shown: Digest
        /// The approvers by the hash of their record.
        var votes: [Digest: Octets] = [:]
        /// The records of a client's consent, which replaces exactly one approval.
        var consents: Set<Digest> = []
        /// The number of people that the request requires, which each vote on it repeats.
        let need: UInt64
        /// The number of calls that may still use it.
        var uses: UInt64
    }
    private let origin: Octets
    private var calls = CallCoverage()
    private var requests: [Octets: Request] = [:]
    private var ended: Set<Octets> = []
    private var uses = 0
    private var elsewhere = 0

    /// - Returns: what was checked, in words for the result.
    static func check(_ chain: Chain, _ findings: inout Findings) -> [String] {
        var check = UseCheck(origin: chain.origin)
        for (sequence, link) in chain.records.enumerated() {
            do { try check.take(link, at: UInt64(sequence)) } catch {
                findings.fault("record \(sequence) of the run: \(error)")
            }
        }
        if check.elsewhere > 0 {
            findings.warn("\(check.elsewhere) votes are in other logs: they were not looked for")
        }
        return check.uses > 0 ? ["\(check.uses) uses of approvals"] : []
    }

    private mutating func take(_ link: Chain.Link, at sequence: UInt64) throws(Fault) {
        let fields = link.record.fields
        // All records of the chain are there, so a missing use is always a fault.
        _ = try calls.add(link.record, hash: link.hash, at: sequence)
        guard let request = fields.text("appr") else { return }
        switch link.record.type {
        case "approval.requested", "approval.reissued":
            // `VoteCheck` and `QuorumCheck` check that the record commits to the displayed form and states the required
            // number.
            guard let uses = fields.uses else {
                throw Fault("a request that does not say how often it may be used")
            }
            requests[request] = link.record.commitment(Octets("bind")).flatMap { bind in
                fields.integer("need").map {
                    Request(shown: bind.content, need: max(1, $0), uses: uses)
                }
            }
        case "approval.granted":
            guard var found = requests[request] else { return }
            guard fields.integer("need") == found.need else {
                throw Fault("the vote is one of another number than the request asks for")
            }
            found.votes[link.hash] = fields.text("by")
            if fields.isClientsWord { found.consents.insert(link.hash) }
            requests[request] = found
        case "approval.denied", "approval.expired", "approval.withdrawn", "approval.void":
            ended.insert(request)
        case "approval.used":
            guard try calls.use(link.record) != nil else {
                throw Fault("the use names no open call that people had to approve")
            }
            try use(request, fields)
        default: break
        }
    }

    private mutating func use(_ name: Octets, _ fields: JSONObject) throws(Fault) {
        guard let request = requests[name], fields.digest("bindc") == request.shown,
            let grants = fields.objects("grants")
        else { throw Fault("the use is not of what was shown last, or names no votes") }
        guard !ended.contains(name) else {
            throw Fault("the use of an approval that had ended, or was used before")
        }
        requests[name]?.uses -= 1
        if request.uses <= 1 { ended.insert(name) }
        if request.need == 1, grants.count == 1, grants[0].range("o") == nil,
            grants[0].digest("h").map(request.consents.contains) == true
        {
            uses += 1
            return
        }
        var people: Set<Octets> = []
        var others = ForeignVotes()
        for grant in grants {
            guard let hash = grant.digest("h") else { throw Fault("the use names no vote") }
            guard try !others.take(grant, hash, from: origin) else { continue }
            guard let person = request.votes[hash], people.insert(person).inserted
            else { throw Fault("the use names no vote of this approval, or one person twice") }
        }
        guard UInt64(grants.count) >= request.need else {
            throw Fault("the use has \(grants.count) votes and needs \(request.need)")
        }
        uses += 1
        elsewhere += others.count
    }
}

extension JSONObject {
    /// The number of calls that may use a request's approval, or nil if that is no number from 1 to 10.
    var uses: UInt64? {
        guard range("uses") != nil else { return 1 }
        return integer("uses").flatMap { (1...10).contains($0) ? $0 : nil }
    }

    /// True for an `approval.granted` by a client's consent instead of a person's vote.
    var isClientsWord: Bool { text("via") == Octets("client") && written("by") == nil }
}
