import InterlockApprovals
import InterlockCluster
import InterlockJSON
import InterlockModel

/// The body that the port of approvals stores, taken apart: a request and its votes are rows of their own.
///
/// The row of a request has its stored form, pending and without votes, and the index of its newest record as `at`. The
/// row of a vote has the vote's stored form, with the leaf hash of its record (`hash`) and the time at which the request
/// was (`latest`).
struct ApprovalBody {
    let review: ReviewDocument
    let expires: Timestamp
    /// The votes that count, in the order in which they were cast.
    let votes: [Vote]
    /// The stored form of the newest vote; nil if there are none.
    let newest: JSONValue?
    /// The index of the request's newest record in the log of this node.
    let mark: Int64
    private let pending: JSONObject

    init(_ body: JSONValue) throws(FormError) {
        guard case .object(var request)? = body["request"] else { throw .notObject("request") }
        // Consent is no vote of a person, so no row proves it.
        guard request["consent"] == nil else {
            throw .badMember("consent", "absent: a cluster stores no consent of a client")
        }
        review = try ReviewDocument(json: request["review"] ?? .null)
        guard let expires = request["expires"]?.integer, let latest = request["latest"]?.integer
        else { throw .badMember("request", "the stored form of a request") }
        self.expires = Timestamp(microseconds: expires)
        mark = body["at"]?.integer ?? 0
        var votes: [Vote] = []
        let stored = request["votes"]?.array ?? []
        for vote in stored {
            let proof = try VoteProof(json: vote["envelope"] ?? .null, at: "votes.envelope")
            votes.append(try Vote(parsing: proof.statement))
        }
        self.votes = votes
        if case .object(var vote)? = stored.last {
            guard let hashes = body["votes"]?.array, hashes.count == stored.count else {
                throw .badMember("votes", "with the leaf hash of each")
            }
            vote["hash"] = hashes.last
            vote["latest"] = .integer(latest)
            newest = .object(vote)
        } else {
            newest = nil
        }
        request["votes"] = .array([])
        request["state"] = .string(RequestStatus.pending.rawValue)
        // The votes and the chain say so.
        for member in ["grant_ends", "used"] { request[member] = nil }
        request["at"] = .integer(mark)
        pending = request
    }

    /// The row of the request.
    ///
    /// - Parameters:
    ///   - votes: the number of votes for the revision, with those that are dropped.
    ///   - used: the number of uses before.
    func row(
        version: Int64, votes: Int = 0, dropped: Set<Pseudonym> = [], used: Int64 = 0
    ) throws(FormError) -> RequestRow {
        try RequestRow(
            review.request, revision: Int64(review.revision), version: version,
            agent: review.call.agent, run: review.call.run, uses: Int64(review.uses),
            quorum: Int64(review.decision.quorum), votes: Int64(votes), dropped: dropped,
            used: used, ends: expires, content: .object(pending))
    }

    /// Returns the body of a request that was read, or nil if its rows have another form.
    ///
    /// Why and by whom a request ended is in the log alone: of what expired, the votes say whether it was answered.
    ///
    /// - Parameters:
    ///   - node: this node; the records of others are in other logs.
    ///   - origin: the log of this node.
    static func json(
        of request: CountedRequest, at node: NodeName, origin: ExactText
    ) -> JSONValue? {
        guard case .object(var object) = request.row.content,
            var latest = object["latest"]?.integer,
            let within = object["use_within_s"]?.integer,
            ApprovalRequest.uses.contains(.seconds(within))
        else { return nil }
        var mark: Int64 = request.verified.node == node ? object["at"]?.integer ?? 0 : 0
        object["at"] = nil
        var votes: [(at: Int64, person: String, vote: JSONValue, hash: JSONValue)] = []
        var granted: Int64 = 0
        for verified in request.votes {
            let (row, content) = (verified.row, verified.row.content)
            guard let at = content["at"]?.integer, let time = content["latest"]?.integer,
                let envelope = content["envelope"], let hash = content["hash"]
            else { return nil }
            votes.append((at, row.person.text, ["at": .integer(at), "envelope": envelope], hash))
            granted = max(granted, time)
            if row.origin == origin { mark = max(mark, row.leaf) }
        }
        votes.sort { ($0.at, $0.person) < ($1.at, $1.person) }
        latest = max(latest, granted)
        object["latest"] = .integer(latest)
        object["state"] = .string(request.status.rawValue)
        object["votes"] = .array(votes.map(\.vote))
        let used = request.verified.columns.used
        if used > 0 { object["used"] = .integer(used) }
        switch request.status {
        case .approved, .used: object["grant_ends"] = .integer(granted + within * 1_000_000)
        case .expired:
            let isAnswered = Int64(votes.count) >= request.row.quorum
            let cause: ApprovalCause = isAnswered ? .unused : .unanswered
            object["cause"] = .string(cause.rawValue)
        case .pending, .denied, .withdrawn, .void: break
        }
        return [
            "request": .object(object), "votes": .array(votes.map(\.hash)), "at": .integer(mark),
        ]
    }
}
