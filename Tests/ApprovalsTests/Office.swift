import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting

/// People with keys, a call and a request, which the tests of this module vary.
struct Office {
    static let start = Timestamp(microseconds: 1_795_000_000_000_000)
    let hashing = OpenSSLHashing()
    let people: [Member]

    struct Member {
        let person: Person
        let pseudonym: Pseudonym
        let key: Ed25519PrivateKey
        let spare: Ed25519PrivateKey
        var voter: Voter { Voter(person: person, pseudonym: pseudonym) }
    }

    init(people count: UInt8 = 4) {
        people = (1...count).map { number in
            Member(
                person: Person("p\(number)@acme.example").unwrapped,
                pseudonym: Pseudonym(text: Base64.encode([UInt8](repeating: number, count: 16))),
                key: Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32)).unwrapped,
                spare: Ed25519PrivateKey(seed: [UInt8](repeating: number + 100, count: 32))
                    .unwrapped)
        }
    }

    func trust(
        added: Timestamp = start, founding: Bool = true, revoked: Timestamp? = nil,
        expires: Timestamp? = nil
    ) throws -> AuthorizedKeys {
        try AuthorizedKeys(
            org: "acme",
            people: people.map { member in
                TrustedPerson(
                    person: member.person, pseudonym: member.pseudonym, roles: [.resume],
                    keys: [member.key, member.spare].map {
                        EnrolledKey(
                            key: $0.publicKey, added: added, founding: founding, expires: expires,
                            revoked: revoked)
                    })
            }, nodes: [])
    }

    func judge(_ trust: AuthorizedKeys? = nil) throws -> VoteVerifier {
        VoteVerifier(trust: try trust ?? self.trust(), verifier: OpenSSLVerifier())
    }

    func call(
        _ arguments: JSONValue = ["amount_cents": 42000, "currency": "EUR", "order": "A-1009"],
        run: UInt8 = 1, agent: String = "refunds"
    ) throws -> CanonicalCall {
        try CanonicalCall(
            org: "acme", agent: AgentName(agent).unwrapped,
            run: RunID(milliseconds: 1, random: [UInt8](repeating: run, count: 10)), subject: nil,
            address: ToolAddress(
                server: ServerName("billing").unwrapped, tool: ToolName("refund_request").unwrapped),
            stage: .supervised, environment: "production", pin: hashing.sha256([1]),
            arguments: arguments)
    }

    func review(
        of id: UInt8 = 1, revision: Int = 1, call: CanonicalCall? = nil, quorum: Int = 2,
        tier: Tier = .medium, effects: EffectSet = EffectSet(.spendsMoney)
    ) throws -> BoundReview {
        let review = try ReviewDocument(
            request: ApprovalID(milliseconds: 1, random: [UInt8](repeating: id, count: 10)),
            revision: revision, call: try call ?? self.call(), policy: hashing.sha256([2]),
            decision: ReviewedDecision(
                quorum: quorum, group: "finance", tier: tier, rule: "agents/refunds.yaml#3",
                place: "agents/refunds.yaml:12:5", effects: effects),
            facts: ["owner": "p9@acme.example", "purpose": "answer tickets"],
            template: nil)
        return BoundReview(review, salt: [UInt8](repeating: UInt8(revision), count: 32), hashing)
    }

    /// - Parameters:
    ///  - members: the indices in `people` of those who are asked.
    ///  - escalation: the delay, and the index of the person who is asked after it.
    func request(
        _ shown: BoundReview? = nil, members: Range<Int>? = nil,
        escalation: (after: Duration, to: Int)? = nil, wantsPasskey: Bool = false,
        life: Duration = ApprovalRequest.usualLife
    ) throws -> ApprovalRequest {
        try ApprovalRequest(
            try shown ?? review(),
            call: CallID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
            voters: people[members ?? people.indices].map(\.voter),
            escalation: escalation.map { ($0.after, people[$0.to].voter) },
            wantsPasskey: wantsPasskey, life: life, now: Office.start)
    }

    /// The review of the next revision, in which break-glass lowers the quorum if it can be lowered.
    func lowered(_ request: ApprovalRequest) throws -> BoundReview {
        let old = request.review
        var facts = old.facts.object ?? [:]
        facts[ReviewDocument.breakGlass] = true
        let review = try ReviewDocument(
            request: old.request, revision: old.revision + 1, call: old.call, policy: old.policy,
            decision: old.decision.lowered ?? old.decision, facts: .object(facts),
            template: old.template)
        return BoundReview(review, salt: [UInt8](repeating: 9, count: 32), hashing)
    }

    func envelope(
        on request: ApprovalRequest, _ verdict: Vote.Verdict = .approve, by member: Int = 0,
        spare: Bool = false
    ) throws -> Envelope {
        let person = people[member]
        let vote = Vote(
            on: request, verdict, approver: person.pseudonym,
            nonce: [UInt8](repeating: UInt8(member), count: 32))
        return try PersonKey.file(spare ? person.spare : person.key)
            .envelope(.vote, try vote.canonical())
    }

    func vote(
        on request: ApprovalRequest, _ verdict: Vote.Verdict = .approve, by member: Int = 0,
        spare: Bool = false, at: Timestamp = start
    ) throws -> VerifiedVote {
        try judge().verify(
            VoteProof.key(try envelope(on: request, verdict, by: member, spare: spare)),
            tier: request.decision.tier, at: at)
    }

    /// A vote by passkey. By default the verifier accepts every assertion that names an enrolled passkey.
    func passkeyVote(
        on request: ApprovalRequest, _ verdict: Vote.Verdict = .approve, by member: Int = 0,
        judge: VoteVerifier? = nil
    ) throws -> VerifiedVote {
        try (judge ?? passkeyJudge()).verify(
            try passkeyProof(on: request, verdict, by: member), tier: request.decision.tier,
            at: Office.start)
    }

    func passkeyProof(
        on request: ApprovalRequest, _ verdict: Vote.Verdict = .approve, by member: Int = 0
    ) throws -> VoteProof {
        let vote = Vote(
            on: request, verdict, approver: people[member].pseudonym,
            nonce: [UInt8](repeating: 50, count: 32))
        return .passkey(
            statement: try vote.canonical(),
            try PasskeyAssertion(
                credential: PasskeyID(bytes: [UInt8(member)]).unwrapped,
                authenticatorData: [1], clientDataJSON: [2], signature: [3]))
    }

    func passkeyJudge(
        added: Timestamp = start, founding: Bool = true, revoked: Timestamp? = nil,
        refusal: AssertionRefusal? = nil
    ) throws -> VoteVerifier {
        let enrolled = people.enumerated().map { place, member in
            EnrolledPasskey(
                id: PasskeyID(bytes: [UInt8(place)]).unwrapped, holder: member.pseudonym,
                algorithm: .es256, publicKey: [4], relyingParty: "localhost", counter: 7,
                added: added, founding: founding, revoked: revoked)
        }
        return VoteVerifier(
            trust: try trust(), verifier: OpenSSLVerifier(),
            passkeys: EnrolledPasskeyVerifier(
                hashing: hashing, find: { id in enrolled.first { $0.id == id } },
                verify: { _, challenge, passkey throws(AssertionRefusal) in
                    if let refusal { throw refusal }
                    guard challenge.count == 32 else { throw .wrongChallenge }
                    // Only an assertion that was verified before has no counter.
                    return AssertionFinding(
                        counter: passkey.counter.map { $0 + 1 } ?? 0, isSynced: false)
                }))
    }

    func claim(_ request: ApprovalRequest) -> UseClaim {
        UseClaim(
            callDigest: request.callDigest,
            decision: .approve(
                quorum: request.decision.quorum, group: "finance",
                effects: request.decision.effects, eligible: people.map(\.person)))
    }

    /// A request that was brought to `state` by the shortest sequence of events.
    func request(in state: ApprovalState) throws -> ApprovalRequest {
        var request = try request()
        let now = Office.start + .seconds(1)
        switch state {
        case .pending: break
        case .approved, .used:
            for member in 0..<2 {
                _ = request.handle(.vote(try vote(on: request, by: member)), at: now)
            }
            if state == .used { _ = request.handle(.use(claim(request)), at: now) }
        case .denied: _ = request.handle(.vote(try vote(on: request, .deny)), at: now)
        case .expired: _ = request.handle(.tick, at: request.expires)
        case .withdrawn: _ = request.handle(.withdraw(.cancelled), at: now)
        case .void: _ = request.handle(.void(.halted), at: now)
        }
        return request
    }
}
