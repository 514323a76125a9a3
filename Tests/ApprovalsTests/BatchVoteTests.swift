import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// One signature under several votes (docs/specs/approvals.md, section 9), and which requests it may be about.
@Suite(.requirement("R062")) struct BatchVoteTests {
    private let office = Office()

    private func request(
        _ id: UInt8, agent: String = "refunds", tier: Tier = .medium,
        effects: EffectSet = EffectSet(.reversible)
    ) throws -> ApprovalRequest {
        try office.request(
            try office.review(
                of: id, call: try office.call(["n": .integer(Int64(id))], agent: agent),
                quorum: 1, tier: tier, effects: effects))
    }

    private func vote(
        on request: ApprovalRequest, _ verdict: Vote.Verdict = .approve, by member: Int = 0
    ) -> Vote {
        Vote(
            on: request, verdict, approver: office.people[member].pseudonym,
            nonce: [UInt8](repeating: 3, count: 32))
    }

    private func envelope(
        _ requests: [ApprovalRequest], _ type: PayloadType = .batch
    ) throws -> Envelope {
        let batch = try #require(BatchVote(requests.map { vote(on: $0) }))
        return try PersonKey.file(office.people[0].key).envelope(type, try batch.canonical())
    }

    @Test func `each vote of a batch is verified, kept and read back by itself`() throws {
        let requests = [try request(2), try request(1), try request(3)]
        let envelope = try envelope(requests)
        #expect(try BatchVote(envelope).votes.map(\.request) == [1, 0, 2].map { requests[$0].id })
        for var request in requests {
            let proof = VoteProof.batch(try BatchedVote(envelope, of: request.id))
            let verified = try office.judge().verify(proof, tier: .medium, at: Office.start)
            #expect(verified.statement == vote(on: request) && !verified.isByPasskey)
            #expect(try VoteProof(json: proof.json) == proof)
            #expect(try VoteEvidence(parsing: verified.evidence.bytes) == verified.evidence)
            let action = request.handle(.vote(verified), at: Office.start)
            guard case .granted = action else {
                Issue.record("not granted: \(action)")
                continue
            }
            let kept = try ApprovalRequest(
                json: request.json, judge: try office.judge(), hashing: office.hashing)
            #expect(kept.votes == request.votes)
        }
    }

    @Test func `a batch of another person, number, verdict or order is none`() throws {
        let two = [try request(1), try request(2)]
        let votes = two.map { vote(on: $0) }
        #expect(BatchVote(votes) != nil)
        #expect(BatchVote([votes[0]]) == nil && BatchVote([]) == nil)
        #expect(BatchVote([votes[0], votes[0]]) == nil)
        #expect(BatchVote([votes[0], vote(on: two[1], .deny)]) == nil)
        #expect(BatchVote([votes[0], vote(on: two[1], by: 1)]) == nil)
        let many = try (1...21).map { vote(on: try request(UInt8($0))) }
        #expect(BatchVote(many) == nil && BatchVote(Array(many.dropLast())) != nil)
        let whole = try #require(BatchVote(votes))
        let turned = try JSONValue.object([
            "v": 1, "type": "batch", "votes": .array(whole.votes.reversed().map(\.json)),
        ]).canonical()
        let key = PersonKey.file(office.people[0].key)
        #expect(throws: FormError.self) { try BatchVote(try key.envelope(.batch, turned)) }
    }

    @Test func `the signature is of a batch, by the person who votes, about this request`() throws {
        let two = [try request(1), try request(2)]
        let good = try envelope(two)
        let other = try envelope(two, .vote)
        #expect(throws: FormError.self) { try BatchedVote(other, of: two[0].id) }
        let third = try request(3)
        #expect(throws: FormError.self) { try BatchedVote(good, of: third.id) }
        let forged = try PersonKey.file(office.people[1].key).envelope(.batch, good.payload)
        let proof = VoteProof.batch(try BatchedVote(forged, of: two[0].id))
        let judge = try office.judge()
        #expect(throws: ApprovalRefusal.badSignature) {
            try judge.verify(proof, tier: .medium, at: Office.start)
        }
    }

    @Test func `only like reversible calls inside the organisation are approved together`() throws {
        func reason(
            _ second: ApprovalRequest, autonomy: Int = 1, sends: Bool = false
        ) throws -> BatchRefusal? {
            let stage = try #require(TrustStageAssignment(autonomy))
            return BatchRefusal.reason(
                against: [try request(1), second], BatchFacts(autonomy: stage, sends: sends))
        }
        for autonomy in 1...3 { #expect(try reason(request(2), autonomy: autonomy) == nil) }
        #expect(try reason(request(2), autonomy: 0) == .stage)
        #expect(try reason(request(2, agent: "other")) == .agent)
        #expect(try reason(request(2, tier: .high)) == .tier)
        for effect in Effect.allCases where effect != .read && effect != .reversible {
            let effects: EffectSet = [EffectSet(.reversible), EffectSet(effect)]
            #expect(try reason(request(2, effects: effects)) == .effects, "\(effect)")
        }
        #expect(try reason(request(2, effects: EffectSet(.read))) == .effects)
        #expect(try reason(request(2), sends: true) == .sends)
        // The command refuses by the reviews alone, before it prints them.
        let good = [try request(1), try request(2)]
        #expect(BatchRefusal.reason(against: good.map(\.review)) == nil)
        let high = [try request(1), try request(2, tier: .high)]
        #expect(BatchRefusal.reason(against: high.map(\.review)) == .tier)
    }
}
