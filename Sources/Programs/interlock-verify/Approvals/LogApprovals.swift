/// Checks the approvals of a whole log (docs/auditing.md, section 11). A part that rests on absent records is reported
/// as not checked.
struct LogApprovals {
    private struct Name: Hashable {
        let run: RecordID
        let request: Octets
    }
    private struct Vote {
        let index: UInt64
        /// Is nil for a client's consent.
        let person: Octets?
        let via: Octets?
    }
    private struct Form {
        let index: UInt64
        let call: Octets
        let tool: Octets?
        let shown: Digest
        let need: UInt64
        /// The number of calls that may still use it.
        var uses: UInt64
        let isAgain: Bool
        let isLowered: Bool
        let absent: Int
        var order: (revision: UInt64, was: UInt64)?
        var votes: [Digest: Vote] = [:]
    }

    private let origin: Octets
    private var calls = CallCoverage()
    private var people = PeopleOfLog()
    private var forms: [Name: Form] = [:]
    private var over: Set<Name> = []
    /// The requests of each run that has not ended.
    private var names: [RecordID: Set<Name>] = [:]
    private var absent = 0
    private var isContinued = false
    private var uses = 0
    private var open: [String] = []

    init(origin: Octets) { self.origin = origin }

    mutating func addPruned() { absent += 1 }

    /// True if no earlier record can exist.
    var isWhole: Bool { absent == 0 && !isContinued }

    mutating func add(_ record: Record, hash: Digest, at index: UInt64) throws(Fault) {
        if index == 0, record.fields.range("from") != nil { isContinued = true }
        if try !calls.add(record, hash: hash, at: index, absent: absent) {
            leave(index, "the approval of its call")
        }
        people.add(record, at: index)
        guard record.type != "run.end" else { return forget(record) }
        guard let kind = Kind(record.type) else { return }
        guard let run = record.run, record.sequence != nil,
            let request = record.fields.text("appr")
        else {
            throw Fault("an approval without `appr`, or outside its run's chain")
        }
        let name = Name(run: run, request: request)
        guard kind == .probe || !over.contains(name) else {
            throw Fault("it follows the end of the request")
        }
        names[run, default: []].insert(name)
        let form = forms[name]
        guard form != nil || kind == .request || kind == .probe || !isWhole else {
            throw Fault("the log has no such request")
        }
        switch kind {
        case .request, .again: try show(record, name, form, isAgain: kind == .again, index)
        case .grant: try grant(record, hash, name, form, index)
        case .glass: try lower(record, name, form, index)
        case .deny:
            end(name)
            if let form, form.absent == absent, record.fields.digest("bindc") != form.shown {
                throw Fault("the denial is not about what was shown last")
            }
        case .end, .probe: end(name)
        case .use:
            if let form, form.uses > 1 { forms[name]?.uses -= 1 } else { end(name) }
            try use(record, form, index)
        }
    }

    /// - Returns: what was checked, in words for the result.
    func finish(_ findings: inout Findings) -> [String] {
        for one in open { findings.warn("not checked: \(one)") }
        return uses > 0 ? ["\(uses) uses of approvals"] : []
    }

    private enum Kind {
        case request, again, grant, glass, deny, end, probe, use

        init?(_ type: String) {
            switch type {
            case "approval.requested": self = .request
            case "approval.reissued": self = .again
            case "approval.granted": self = .grant
            case "approval.breakglass": self = .glass
            case "approval.denied": self = .deny
            case "approval.expired", "approval.withdrawn", "approval.void": self = .end
            case "approval.probe": self = .probe
            case "approval.used": self = .use
            default: return nil
            }
        }
    }

    private mutating func leave(_ index: UInt64, _ what: String) {
        if open.count < Findings.maximum {
            open.append("record \(index): \(what) cannot be checked")
        }
    }

    private mutating func end(_ name: Name) {
        over.insert(name)
        forms[name] = nil
    }

    private mutating func forget(_ record: Record) {
        guard record.sequence != nil, let run = record.run else { return }
        for name in names.removeValue(forKey: run) ?? [] {
            forms[name] = nil
            over.remove(name)
        }
    }
}

// MARK: The request and its votes

extension LogApprovals {
    private mutating func show(
        _ record: Record, _ name: Name, _ before: Form?, isAgain: Bool, _ index: UInt64
    ) throws(Fault) {
        let fields = record.fields
        guard isAgain || before == nil else { throw Fault("the request was opened before") }
        guard let shown = record.commitment(Octets("bind"))?.content,
            let need = fields.integer("need"), need > 0, let call = fields.text("call"),
            let uses = fields.uses
        else { throw Fault("a request that does not say what was shown, or to how many") }
        let asking = fields.digest("intent").flatMap { calls.open[$0] }
        guard before == nil || before?.call == call,
            asking == nil
                || asking?.call == RecordID(call.bytes) && asking?.run == record.run
        else { throw Fault("the request is about another call than before") }
        let isLowered =
            before?.order.map {
                need == 1 && $0.was == before?.need && fields.integer("rev") == $0.revision
            } ?? false
        if let before, need < before.need, !isLowered {
            leave(index, "why fewer people are asked than before")
        }
        forms[name] = Form(
            index: index, call: call, tool: before?.tool ?? asking?.tool,
            shown: shown, need: need, uses: uses, isAgain: isAgain, isLowered: isLowered,
            absent: absent)
    }

    private mutating func grant(
        _ record: Record, _ hash: Digest, _ name: Name, _ form: Form?, _ index: UInt64
    ) throws(Fault) {
        let fields = record.fields
        guard let form else { return leave(index, "a vote on a request that is not there") }
        guard fields.digest("bindc") == form.shown else {
            guard form.absent != absent else {
                throw Fault("the vote is not about what was shown last")
            }
            return leave(index, "a vote on a form that is not there")
        }
        guard fields.integer("need") == form.need else {
            throw Fault("the vote is one of another number than the request asks for")
        }
        guard fields.text("call") == form.call else {
            throw Fault("the vote is about another call than the request")
        }
        if fields.isClientsWord {
            guard form.need == 1, !form.isLowered else {
                throw Fault("a client's word where people had to decide")
            }
        } else if fields.text("by") == nil || fields.range("proof") == nil {
            throw Fault("the vote names no person, or has no signed statement")
        }
        forms[name]?.votes[hash] = Vote(
            index: index, person: fields.text("by"), via: fields.text("via"))
    }

    private mutating func lower(
        _ record: Record, _ name: Name, _ form: Form?, _ index: UInt64
    ) throws(Fault) {
        let fields = record.fields
        guard let form else { return leave(index, "break-glass for a request that is not there") }
        guard let person = fields.text("by"), let revision = fields.integer("rev"),
            let was = fields.integer("was"), was > 1, was == form.need
        else { throw Fault("break-glass that does not say who lowers what") }
        forms[name]?.order = (revision, was)
        guard !people.breaksGlass(person, from: form.index, to: index) else { return }
        guard !isWhole || people.isFounded != true else {
            throw Fault("break-glass by a person who may not order it")
        }
        leave(index, "the role of the person who breaks glass")
    }
}

// MARK: The use

extension LogApprovals {
    private mutating func use(_ record: Record, _ form: Form?, _ index: UInt64) throws(Fault) {
        let fields = record.fields
        let call = try calls.use(record)
        guard call != nil || !isWhole else {
            throw Fault("the use names no open call that people had to approve")
        }
        guard let form else { return leave(index, "the use of a request that is not there") }
        let tool = call?.tool
        guard fields.text("call") == form.call, tool == nil || form.tool == nil || tool == form.tool
        else { throw Fault("the use is of another call than the request") }
        guard fields.digest("bindc") == form.shown else {
            guard form.absent != absent else {
                throw Fault("the use is not of what was shown last")
            }
            return leave(index, "the use of a form that is not there")
        }
        guard let (votes, others) = try counted(fields, form) else {
            return leave(index, "a vote that is not there")
        }
        let count = UInt64(votes.count + others)
        guard count >= form.need else {
            throw Fault("the use has \(count) votes and needs \(form.need)")
        }
        // The decision about the call may ask for more only if one person lowered it, or if it was decided anew.
        if let need = call?.need, count < need, !form.isLowered, !form.isAgain,
            let policy = fields.text("pol"), policy == call?.policy
        {
            throw Fault("the use has \(count) votes and needs \(need)")
        }
        if others > 0 { leave(index, "\(others) votes in other logs") }
        // Votes of revoked credentials are dropped after the last of these records, before the use.
        let limit = max(votes.map(\.index).max() ?? 0, call?.index ?? 0)
        for vote in votes {
            guard let person = vote.person else { continue }
            guard call?.subject != person else {
                throw Fault("a vote counts of the person on whose behalf the agent acts")
            }
            let answer = people.answer(person, via: vote.via, at: vote.index, limit: limit)
            guard answer != .enrolled else { continue }
            guard answer == .unknown, !isWhole || people.isFounded != true else {
                throw Fault("a vote counts whose person was not enrolled, or was revoked since")
            }
            leave(index, "the enrolment of a person who voted")
        }
        uses += 1
    }

    /// - Returns: the votes and the number of those in other logs; nil if one is among the absent records.
    private func counted(
        _ fields: JSONObject, _ form: Form
    ) throws(Fault) -> (votes: [Vote], others: Int)? {
        guard let grants = fields.objects("grants") else { throw Fault("the use names no votes") }
        var votes: [Digest: Vote] = [:]
        var others = ForeignVotes()
        for grant in grants {
            guard let hash = grant.digest("h") else { throw Fault("the use names no vote") }
            if try others.take(grant, hash, from: origin) { continue }
            if let vote = form.votes[hash] {
                guard votes.updateValue(vote, forKey: hash) == nil else {
                    throw Fault("the use names one vote twice")
                }
            } else {
                guard form.absent != absent else {
                    throw Fault("the use names no vote on what was shown last")
                }
                return nil
            }
        }
        guard Set(votes.values.map(\.person)).count == votes.count else {
            throw Fault("the use counts one person twice")
        }
        guard grants.count == 1 || !votes.values.contains(where: { $0.person == nil }) else {
            throw Fault("a client's word beside other votes")
        }
        return (Array(votes.values), others.count)
    }
}
