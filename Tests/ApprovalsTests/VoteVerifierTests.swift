import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@Suite struct VoteVerifierTests {
    private let office = Office()

    private func refusal(
        _ envelope: Envelope, tier: Tier = .medium, _ judge: VoteVerifier? = nil,
        at: Timestamp = Office.start
    ) throws -> ApprovalRefusal? {
        let judge = try judge ?? office.judge()
        do throws(ApprovalRefusal) {
            _ = try judge.verify(.key(envelope), tier: tier, at: at)
            return nil
        } catch { return error }
    }

    @Test func `a vote is by the person whose enrolled key signed it`() throws {
        let vote = try office.vote(on: try office.request(), by: 2)
        #expect(vote.person == office.people[2].person)
        #expect(vote.approver == office.people[2].pseudonym)
    }

    @Test func `a stranger's signature, or one in another's name, is refused`() throws {
        let request = try office.request()
        let good = try office.envelope(on: request)
        let stranger = Ed25519PrivateKey(seed: [UInt8](repeating: 77, count: 32)).unwrapped
        #expect(
            try refusal(try PersonKey.file(stranger).envelope(.vote, good.payload)) == .badSignature
        )
        #expect(
            try refusal(try PersonKey.file(office.people[1].key).envelope(.vote, good.payload))
                == .badSignature)
        #expect(
            try refusal(try PersonKey.file(office.people[0].key).envelope(.halt, good.payload))
                != nil)
        var bytes = good.signatures[0].bytes
        bytes[5] ^= 1
        #expect(
            try refusal(
                Envelope(
                    payloadType: .vote, payload: good.payload,
                    signatures: [good.signatures[0].with(bytes)]))
                == .badSignature)
        #expect(
            try refusal(
                Envelope(
                    payloadType: .vote, payload: good.payload + [0x20],
                    signatures: good.signatures)) != nil)
    }

    @Test func `a revoked or expired key does not vote`() throws {
        let envelope = try office.envelope(on: try office.request())
        let past = Office.start + .seconds(-1)
        #expect(
            try refusal(envelope, try office.judge(try office.trust(revoked: past)))
                == .notEligible(.credentialEnded))
        #expect(
            try refusal(envelope, try office.judge(try office.trust(expires: Office.start)))
                == .notEligible(.credentialEnded))
    }

    @Test func `a new key waits a day before it votes at tier high, a founding one does not`()
        throws
    {
        let envelope = try office.envelope(on: try office.request())
        let new = try office.judge(try office.trust(founding: false))
        let soon = Office.start + .seconds(86_399)
        #expect(
            try refusal(envelope, tier: .high, new, at: soon) == .notEligible(.credentialTooNew))
        #expect(try refusal(envelope, tier: .medium, new, at: soon) == nil)
        #expect(try refusal(envelope, tier: .high, new, at: soon + .seconds(1)) == nil)
        #expect(try refusal(envelope, tier: .high, at: Office.start) == nil)
    }

    @Test(arguments: [
        (nil as String?, false, false, ["p2", "p3", "p4"]),
        ("p2", false, false, ["p3", "p4"]),
        (nil, true, false, ["p1", "p2", "p3", "p4"]),
        (nil, true, true, ["p2", "p3", "p4"]),
        ("p1", true, false, ["p2", "p3", "p4"]),
    ])
    func `the owner, the beneficiary and the proposer are kept apart`(
        _ behalf: String?, _ waiver: Bool, _ money: Bool, _ expected: [String]
    ) {
        func person(_ name: String) -> Person { Person("\(name)@acme.example").unwrapped }
        let electorate = Electorate(
            members: office.people.map(\.person) + [person("p2")], owner: person("p1"),
            onBehalfOf: behalf.map(person), effects: money ? EffectSet(.spendsMoney) : [],
            ownerWaiver: waiver)
        #expect(electorate.eligible == expected.map(person))
        let production = Electorate(
            members: office.people.map(\.person), owner: person("p1"), onBehalfOf: nil,
            effects: EffectSet(.production), ownerWaiver: true, proposers: [person("p3")])
        #expect(production.eligible == ["p2", "p4"].map(person))
        #expect(production.excluded[person("p3")] == .proposer)
        #expect(production.excluded[person("p1")] == .owner)
    }

    @Test func `only enrolled people are voters`() throws {
        let electorate = Electorate(
            members: [office.people[1].person, Person("new@acme.example").unwrapped],
            owner: office.people[0].person, onBehalfOf: nil, effects: [])
        #expect(
            electorate.voters(PeopleDirectory(trust: try office.trust())) == [
                office.people[1].voter
            ])
        let revoked = PeopleDirectory(trust: try office.trust(revoked: Office.start))
        #expect(electorate.voters(revoked).isEmpty)
    }

    @Test func `a vote by passkey is by its enrolled holder, in whose name it must be`() throws {
        let request = try office.request()
        let vote = try office.passkeyVote(on: request, by: 2)
        #expect(vote.person == office.people[2].person && vote.isByPasskey && vote.counter == 8)
        let kept = try VoteEvidence(parsing: vote.evidence.bytes)
        #expect(kept == vote.evidence && kept.publicKey?.isEmpty == false)
        #expect(throws: FormError.self, "a key is there with an assertion, and with no other") {
            try VoteEvidence(parsing: vote.proof.bytes)
        }
        #expect(try VoteProof(json: vote.proof.json) == vote.proof)
        #expect(try VoteProof(parsing: vote.proof.bytes) == vote.proof)
        guard case .passkey(let statement, let assertion) = try office.passkeyProof(on: request)
        else {
            Issue.record("another kind of proof")
            return
        }
        let other = try PasskeyAssertion(
            credential: try #require(PasskeyID(bytes: [1])),
            authenticatorData: assertion.authenticatorData,
            clientDataJSON: assertion.clientDataJSON, signature: assertion.signature)
        #expect(throws: ApprovalRefusal.badSignature) {
            try office.passkeyJudge().verify(
                .passkey(statement: statement, other), tier: .low, at: Office.start)
        }
        #expect(throws: ApprovalRefusal.badAssertion(.wrongCredential)) {
            try office.judge().verify(
                .passkey(statement: statement, assertion), tier: .low, at: Office.start)
        }
    }

    @Test(arguments: AssertionRefusal.allCases)
    func `what is wrong with an assertion is said`(_ refusal: AssertionRefusal) throws {
        let judge = try office.passkeyJudge(refusal: refusal)
        #expect(throws: ApprovalRefusal.badAssertion(refusal)) {
            try office.passkeyVote(on: try office.request(), judge: judge)
        }
    }

    @Test func `a new or revoked passkey does not vote`() throws {
        let high = try office.request(try office.review(tier: .high))
        let new = try office.passkeyJudge(founding: false)
        #expect(throws: ApprovalRefusal.notEligible(.credentialTooNew)) {
            try office.passkeyVote(on: high, judge: new)
        }
        let revoked = try office.passkeyJudge(revoked: Office.start)
        #expect(throws: ApprovalRefusal.notEligible(.credentialEnded)) {
            try office.passkeyVote(on: high, judge: revoked)
        }
    }

    @Test func `a stored vote by passkey is judged again without its counter`() throws {
        let vote = try office.passkeyJudge().verify(
            try office.passkeyProof(on: try office.request()), tier: .low, at: Office.start,
            isStored: true)
        #expect(vote.counter == 0)
    }
}
