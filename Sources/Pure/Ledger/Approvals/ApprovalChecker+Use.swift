import InterlockJSON
import InterlockModel

/// Checks the use of an approval: the call, the votes, and the people.
extension ApprovalChecker {
    mutating func use(_ record: StoredRecord, at index: UInt64) throws(ApprovalFault) {
        let name = try name(of: record)
        let call = try heldCall(of: record)
        // A fault of the use must not be reported again at the outcome.
        if let intent = record.digest("intent") { calls[intent]?.isUsed = true }
        guard !isOver(name) else { throw .afterTheEnd }
        guard let request = request(name) else {
            // The log of another node may have it; `audit verify --cluster` reads both.
            guard !restsOnChain(record) else {
                return cannotCheck(index, "the use of a request of another node")
            }
            try end(name)
            return cannotCheck(index, "the use of a request that is not there")
        }
        try count(useOf: name)
        guard record.exact("call") == request.call,
            call?.tool == request.tool || call?.tool == nil || request.tool == nil
        else { throw .otherCall }
        guard record.digest("bindc") == request.shown else {
            guard !isComplete(since: request.gaps) else { throw .otherForm }
            return cannotCheck(index, "the use of a form that is not there")
        }
        guard let counted = try votes(of: record, request) else {
            return cannotCheck(index, "a vote that is not there")
        }
        try compare(counted.count + counted.elsewhere, request, call, record)
        if counted.elsewhere > 0 {
            cannotCheck(index, "\(counted.elsewhere) votes in other logs")
        }
        // People of a cluster are enrolled by entries; the log of one node need not have all of them.
        let isFounded = knowsEveryone && !restsOnChain(record)
        try checkPeople(counted.votes, call, at: index, knowsEveryone: isFounded)
        uses += 1
    }

    /// - Returns: nil if the intent is among the records that are gone.
    private func heldCall(of record: StoredRecord) throws(ApprovalFault) -> HeldCall? {
        guard let call = record.digest("intent").flatMap({ calls[$0] }) else {
            guard !isComplete() else { throw .noOpenCall }
            return nil
        }
        guard !call.isUsed else { throw .usedTwice }
        guard call.run == record.exact("run"), call.call == record.exact("use") else {
            throw .otherCall
        }
        return call
    }

    private struct Counted {
        let votes: [Vote]
        let elsewhere: Int
        var count: Int { votes.count }
    }

    private struct Elsewhere: Hashable {
        let log: ExactText
        let hash: Digest
    }

    /// - Returns: nil if a vote is among the records that are gone.
    private func votes(
        of record: StoredRecord, _ request: Request
    ) throws(ApprovalFault) -> Counted? {
        guard let grants = record["grants"]?.array else { throw .noVotes }
        var found: [Digest: Vote] = [:]
        var others: Set<Elsewhere> = []
        for grant in grants {
            guard let hash = grant["h"]?.string.flatMap({ Digest(base64: $0) }) else {
                throw .noVotes
            }
            if let log = grant["o"] {
                guard let log = log.string, origin != ExactText(log),
                    others.insert(Elsewhere(log: ExactText(log), hash: hash)).inserted
                else { throw .onePersonTwice }
                continue
            }
            guard let vote = request.votes[hash] else {
                guard !isComplete(since: request.gaps) else { throw .noVotes }
                return nil
            }
            guard found.updateValue(vote, forKey: hash) == nil else { throw .onePersonTwice }
        }
        let votes = found.values.sorted { $0.index < $1.index }
        guard Set(votes.map(\.person)).count == votes.count else { throw .onePersonTwice }
        guard grants.count == 1 || !votes.contains(where: { $0.person == nil }) else {
            throw .consentForPeople
        }
        return Counted(votes: votes, elsewhere: others.count)
    }

    /// Compares the number of votes with what the request and the call's own decision ask for. The decision may ask for
    /// more people than the request only if one person lowered it, or if something was decided anew since.
    private func compare(
        _ have: Int, _ request: Request, _ call: HeldCall?, _ record: StoredRecord
    ) throws(ApprovalFault) {
        guard Int64(have) >= request.need else { throw .tooFew(have, of: request.need) }
        guard let call, let need = call.need, Int64(have) < need, !request.isLowered,
            !request.isReissued, let policy = record.exact("pol"), policy == call.policy
        else { return }
        throw .tooFew(have, of: need)
    }

    private mutating func checkPeople(
        _ votes: [Vote], _ call: HeldCall?, at index: UInt64, knowsEveryone: Bool
    ) throws(ApprovalFault) {
        // The writer drops votes of revoked credentials after the last of these records and before the use.
        let until = max(votes.last?.index ?? 0, call?.index ?? 0)
        for vote in votes {
            guard let person = vote.person else { continue }
            guard call?.subject != person else { throw .ownCall }
            switch people.enrolment(of: person, via: vote.via, at: vote.index, until: until) {
            case .enrolled: break
            case .revoked: throw .notEnrolled
            case .unknown where knowsEveryone: throw .notEnrolled
            case .unknown: cannotCheck(index, "the enrolment of a person who voted")
            }
        }
    }
}
