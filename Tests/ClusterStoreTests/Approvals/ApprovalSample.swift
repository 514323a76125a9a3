import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

/// A request that changes by the rules of `ApprovalRequest`, with real votes of three people, and its body as the gateway
/// stores it.
struct ApprovalSample {
    private(set) var request: ApprovalRequest
    private var hashes: [Digest] = []
    private var mark: Int64 = 1
    /// The row on which the next change builds.
    private(set) var row: ApprovalRow

    static let start = SystemClock().wall
    private static let hashing = OpenSSLHashing()
    private static let keys = (1...3).map { number in
        Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32)).unwrapped
    }
    private static let voters = (1...3).map { number in
        Voter(
            person: Person("p\(number)@acme.example").unwrapped,
            pseudonym: Pseudonym(
                text: Base64.encode([UInt8](repeating: UInt8(number), count: 16))))
    }

    static func id(_ number: Int) -> ApprovalID {
        ApprovalID(milliseconds: Int64(number), random: [UInt8](repeating: 1, count: 10))
    }

    static func run(_ number: Int) -> RunID {
        RunID(
            milliseconds: Int64(number) * 86_400_000, random: [UInt8](repeating: 2, count: 10))
    }

    static func judge() throws -> VoteVerifier {
        let people = zip(voters, keys).map { voter, key in
            TrustedPerson(
                person: voter.person, pseudonym: voter.pseudonym, roles: [.resume],
                keys: [EnrolledKey(key: key.publicKey, added: start, founding: true)])
        }
        return VoteVerifier(
            trust: try AuthorizedKeys(org: "acme", people: people, nodes: []),
            verifier: OpenSSLVerifier())
    }

    /// Reads a request back as a start does.
    static func read(_ body: JSONValue) throws -> ApprovalRequest {
        try ApprovalRequest(json: body["request"] ?? .null, judge: judge(), hashing: hashing)
    }

    init(_ number: Int, quorum: Int = 2, uses: Int = 1, run: Int = 1) throws {
        request = try ApprovalRequest(
            try Self.review(Self.id(number), revision: 1, quorum: quorum, uses: uses, run: run),
            call: CallID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
            voters: Self.voters, now: Self.start)
        row = ApprovalRow(new: request.id)
    }

    private static func review(
        _ id: ApprovalID, revision: Int, quorum: Int, uses: Int, run: Int,
        stage: TrustStage = .supervised
    ) throws -> BoundReview {
        let call = try CanonicalCall(
            org: "acme", agent: AgentName("refunds").unwrapped, run: Self.run(run), subject: nil,
            address: ToolAddress(
                server: ServerName("billing").unwrapped, tool: ToolName("refund").unwrapped),
            stage: stage, environment: "production", pin: hashing.sha256([1]),
            arguments: ["amount_cents": 42000, "t": "größer"])
        let review = try ReviewDocument(
            request: id, revision: revision, call: call, policy: hashing.sha256([2]),
            decision: ReviewedDecision(
                quorum: quorum, group: "finance", tier: .medium, rule: "agents/refunds.yaml#3",
                place: nil, effects: EffectSet(.spendsMoney)),
            facts: uses > 1 ? [ReviewDocument.uses: .integer(Int64(uses))] : [:], template: nil)
        return BoundReview(review, salt: [UInt8](repeating: UInt8(revision), count: 32), hashing)
    }

    /// - Parameter intent: distinguishes uses.
    func body(intent: UInt8? = nil) -> JSONValue {
        var body: JSONObject = [
            "request": request.json, "votes": .array(hashes.map { .string($0.base64) }),
            "at": .integer(mark),
        ]
        body[ApprovalUse.member] = intent.map {
            ApprovalUse(call: request.callDigest, intent: Self.hashing.sha256([$0])).json
        }
        return .object(body)
    }

    private var now: Timestamp { Self.start + .seconds(mark) }

    /// Makes the change of the request, and returns the row that it builds on and its body. A state from which the rules
    /// know no such change is kept.
    ///
    /// - Parameters:
    ///   - store: consumes the nonce of a vote.
    ///   - isStored: true if the change will be made; the next one builds on it.
    mutating func make(
        _ change: ApprovalChange, in store: any NonceStore, by member: Int? = nil
    ) async throws -> (row: ApprovalRow, body: JSONValue) {
        mark += 1
        let before = row
        var intent: UInt8?
        switch change {
        case .ask, .settle: break
        case .vote:
            let member = member ?? request.votes.count
            let nonce = Self.hashing.sha256(Array("\(request.id) \(mark)".utf8)).bytes
            let vote = Vote(
                on: request, .approve, approver: Self.voters[member].pseudonym, nonce: nonce)
            let envelope = try PersonKey.file(Self.keys[member])
                .envelope(.vote, try vote.canonical())
            let verified = try Self.judge().verify(.key(envelope), tier: .medium, at: now)
            _ = request.handle(.vote(verified), at: now)
            hashes.append(Self.hashing.sha256(nonce))
            let isFirst = try await store.consume(
                nonce: Base64.encodeURL(nonce), expires: request.expires)
            try #require(isFirst)
        case .reissue:
            let review = request.review
            let next = try Self.review(
                request.id, revision: review.revision + 1, quorum: review.decision.quorum,
                uses: review.uses, run: 1, stage: .observe)
            _ = request.handle(.reissue(next, voters: Self.voters), at: now)
            hashes = []
        case .revise: _ = request.handle(.leave(Self.voters[2].pseudonym), at: now)
        case .end(.expired): _ = request.handle(.tick, at: request.due)
        case .end(let end): request.follow(ApprovalState(rawValue: end.rawValue).unwrapped)
        case .use, .useAgain:
            _ = request.handle(
                .use(UseClaim(callDigest: request.callDigest, decision: .allow)), at: now)
            intent = UInt8(request.used)
        }
        row = ApprovalRow(
            id: before.id, revision: before.revision + change.revisions,
            version: before.version + 1)
        return (before, body(intent: intent))
    }

    /// Drops the vote of a person whose key was revoked, and returns the change.
    mutating func lapse(_ member: Int) throws -> (row: ApprovalRow, body: JSONValue) {
        mark += 1
        let before = row
        let place = request.votes.firstIndex {
            $0.approver == Self.voters[member].pseudonym
        }.unwrapped
        _ = request.handle(.lapse(.key(Self.keys[member].publicKey)), at: now)
        hashes.remove(at: place)
        row = ApprovalRow(
            id: before.id, revision: before.revision, version: before.version + 1)
        return (before, body())
    }
}
