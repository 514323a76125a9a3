package import InterlockJSON
package import InterlockModel

/// The statement by which a person approves several requests at once (docs/specs/approvals.md, section 9): the votes, each
/// as it would be signed alone, in the order of their requests. Each is counted, recorded and used alone.
package struct BatchVote: Hashable, Sendable {
    package let votes: [Vote]

    package static let sizes = 2...20
    /// The limit of the canonical form, in bytes.
    package static let largest = 32 * 1024

    /// - Returns: nil for another number of votes, a vote that is no approval, votes of several people, or two about one
    ///   request.
    package init?(_ votes: [Vote]) {
        guard Self.sizes.contains(votes.count),
            votes.allSatisfy({ $0.verdict == .approve && $0.approver == votes[0].approver }),
            Set(votes.map(\.request)).count == votes.count
        else { return nil }
        self.votes = votes.sorted { $0.request.text < $1.request.text }
    }

    package var json: JSONValue {
        ["v": 1, "type": "batch", "votes": .array(votes.map(\.json))]
    }

    /// The bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .batch else {
            throw .badMember("payloadType", "`\(PayloadType.batch.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: BatchVote.largest),
            required: ["v", "type", "votes"])
        try fields.expectVersion1()
        try fields.expect("type", "batch")
        var votes: [Vote] = []
        for value in try fields.array("votes", count: Self.sizes) {
            votes.append(try Vote(value))
        }
        guard let made = BatchVote(votes), made.votes == votes else {
            throw fields.bad(
                "votes", "approvals by one person of different requests, in the requests' order")
        }
        self = made
    }
}

/// One vote of a signed batch. Its evidence is the whole batch, as it was signed.
package struct BatchedVote: Hashable, Sendable {
    package let envelope: Envelope
    /// The canonical form of the vote.
    package let statement: [UInt8]
    package let request: ApprovalID

    /// Returns the votes of a signed batch, in its order.
    package static func all(of envelope: Envelope) throws(FormError) -> [BatchedVote] {
        var all: [BatchedVote] = []
        for vote in try BatchVote(envelope).votes { all.append(try BatchedVote(envelope, vote)) }
        return all
    }

    /// - Throws: if the envelope has no batch, or the batch no vote about the request.
    package init(_ envelope: Envelope, of request: ApprovalID) throws(FormError) {
        let batch = try BatchVote(envelope)
        guard let vote = batch.votes.first(where: { $0.request == request }) else {
            throw .badMember("request", "one of the batch")
        }
        try self.init(envelope, vote)
    }

    private init(_ envelope: Envelope, _ vote: Vote) throws(FormError) {
        self.envelope = envelope
        request = vote.request
        statement = try vote.canonical()
    }

    /// The envelope, with the member `request`.
    var json: JSONValue {
        var object = envelope.json.object ?? [:]
        object["request"] = .string(request.text)
        return .object(object)
    }

    init(json: JSONValue, at path: String) throws(FormError) {
        guard case .object(var object) = json,
            let request = object["request"]?.string.flatMap({ ApprovalID($0) })
        else { throw .badMember("request", "an approval's id") }
        object["request"] = nil
        let envelope = try Envelope(
            json: .object(object), at: path, payloadLimit: BatchVote.largest)
        try self.init(envelope, of: request)
    }
}
