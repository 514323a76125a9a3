import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

/// The eligibility of voters (docs/specs/approvals.md, section 6), in addition to `VoteVerifierTests`.
@Suite struct EligibilityTests {
    private let office = Office()
    private let soon = Office.start + .seconds(2)

    /// Each role that a person can have towards a call; the tests state whether the vote counts.
    enum Role: String, CaseIterable {
        case member, owner, ownerWithWaiver, ownerOfMoneyWithWaiver, beneficiary, proposer,
            stranger,
            removed, escalatedBefore, escalatedAfter, sameKeyTwice
    }

    private static let counts: [Role: Bool] = [
        .member: true, .owner: false, .ownerWithWaiver: true, .ownerOfMoneyWithWaiver: false,
        .beneficiary: false, .proposer: false, .stranger: false, .removed: false,
        .escalatedBefore: false, .escalatedAfter: true, .sameKeyTwice: false,
    ]

    @Test(arguments: Role.allCases)
    func `a vote counts or not by who its person is`(_ role: Role) throws {
        let subject = office.people[0].person
        let electorate = Electorate(
            members: role == .stranger || role == .escalatedBefore || role == .escalatedAfter
                ? office.people.dropFirst().map(\.person) : office.people.map(\.person),
            owner: [.owner, .ownerWithWaiver, .ownerOfMoneyWithWaiver].contains(role)
                ? subject : nil,
            onBehalfOf: role == .beneficiary ? subject : nil,
            effects: role == .ownerOfMoneyWithWaiver ? EffectSet(.spendsMoney) : [],
            ownerWaiver: role == .ownerWithWaiver || role == .ownerOfMoneyWithWaiver,
            proposers: role == .proposer ? [subject] : [])
        let isEscalated = role == .escalatedBefore || role == .escalatedAfter
        var request = try ApprovalRequest(
            try office.review(),
            call: CallID(milliseconds: 1, random: .init(repeating: 1, count: 10)),
            voters: electorate.voters(PeopleDirectory(trust: try office.trust())),
            escalation: isEscalated ? (.seconds(300), office.people[0].voter) : nil,
            now: Office.start)
        var now = soon
        switch role {
        case .removed:
            #expect(request.handle(.leave(office.people[0].pseudonym), at: now) == .shrunk)
        case .escalatedAfter:
            now = Office.start + .seconds(300)
            #expect(
                request.handle(.tick, at: now) == .escalated(to: office.people[0].pseudonym))
        case .sameKeyTwice:
            _ = request.handle(.vote(try office.vote(on: request, by: 0)), at: now)
        default: break
        }
        let action = request.handle(.vote(try office.vote(on: request, by: 0)), at: now)
        let counted = action == .counted(have: 1, need: 2)
        #expect(counted == Self.counts[role], "\(role): \(action)")
    }

    @Test func `who votes with two keys fills one seat`() throws {
        var request = try office.request()
        _ = request.handle(.vote(try office.vote(on: request, by: 0)), at: soon)
        #expect(
            request.handle(.vote(try office.vote(on: request, by: 0, spare: true)), at: soon)
                == .refused(.alreadyVoted))
    }

    @Test func `escalation adds people, once, and leaves the deadline`() throws {
        var request = try office.request(members: 1..<4, escalation: (.seconds(300), 0))
        let expires = request.expires
        #expect(request.due == Office.start + .seconds(300))
        #expect(request.handle(.tick, at: Office.start + .seconds(299)) == .none)
        let late = Office.start + .seconds(301)
        #expect(request.handle(.tick, at: late) == .escalated(to: office.people[0].pseudonym))
        #expect(request.handle(.tick, at: late) == .none)
        #expect(request.expires == expires && request.due == expires)
        // A new revision keeps the voters who were added by escalation.
        #expect(
            request.handle(
                .reissue(
                    try office.review(revision: 2), voters: office.people[1..<4].map(\.voter)),
                at: late) == .reissued(revision: 2))
        #expect(request.voters.count { $0.seat == .escalated } == 1)
    }

    @Test func `a member is not escalated to, nor who left before`() throws {
        #expect(try office.request(escalation: (.seconds(300), 0)).escalation == nil)
        var request = try office.request(members: 1..<4, escalation: (.seconds(300), 0))
        #expect(request.handle(.leave(office.people[0].pseudonym), at: soon) == .none)
        #expect(request.handle(.tick, at: Office.start + .seconds(301)) == .none)
        #expect(!request.voters.contains { $0.person == office.people[0].person })
    }

    @Test func `break-glass makes two one, never none, and drops the votes`() throws {
        var request = try office.request()
        _ = request.handle(.vote(try office.vote(on: request, by: 0)), at: soon)
        let old = try office.vote(on: request, by: 1)
        #expect(
            request.handle(.breakGlass(try office.lowered(request)), at: soon)
                == .reissued(revision: 2))
        #expect(request.votes.isEmpty && request.decision.quorum == 1)
        #expect(request.handle(.vote(old), at: soon) == .refused(.revisionChanged))
        #expect(
            request.handle(.breakGlass(try office.lowered(request)), at: soon)
                == .refused(.digestMismatch), "one is the least")
        #expect(
            request.handle(.vote(try office.vote(on: request, by: 2)), at: soon)
                == .granted(until: soon + .seconds(600)))
        // The policy still requires two approvals.
        let claim = UseClaim(
            callDigest: request.callDigest,
            decision: .approve(
                quorum: 2, group: "finance", effects: request.decision.effects,
                eligible: office.people.map(\.person)))
        #expect(request.handle(.use(claim), at: soon) == .used)
    }

    @Test func `what was lowered from two does not do for three`() throws {
        var request = try office.request()
        _ = request.handle(.breakGlass(try office.lowered(request)), at: soon)
        _ = request.handle(.vote(try office.vote(on: request, by: 2)), at: soon)
        let claim = UseClaim(
            callDigest: request.callDigest,
            decision: .approve(
                quorum: 3, group: "finance", effects: request.decision.effects,
                eligible: office.people.map(\.person)))
        #expect(request.handle(.use(claim), at: soon) == .void(.quorumUnreachable))
    }

    @Test func `break-glass changes nothing else`() throws {
        var request = try office.request()
        for other in [
            try office.review(revision: 2),
            try office.review(revision: 2, quorum: 1),
            try office.review(revision: 2, call: try office.call(["amount_cents": 1]), quorum: 1),
        ] {
            #expect(request.handle(.breakGlass(other), at: soon) == .refused(.digestMismatch))
        }
        var alone = try office.request(try office.review(quorum: 1))
        #expect(
            alone.handle(.breakGlass(try office.lowered(alone)), at: soon)
                == .refused(.digestMismatch))
        #expect(try office.review(quorum: 1).review.decision.lowered == nil)
    }

    @Test func `another stage is another revision and another digest`() throws {
        var request = try office.request()
        let old = request.callDigest
        let moved = try office.review(
            revision: 2, call: try office.call().moved(to: .trusted, "staging"))
        #expect(
            request.handle(.reissue(moved, voters: office.people.map(\.voter)), at: soon)
                == .reissued(revision: 2))
        #expect(request.callDigest != old)
    }

    @Test(arguments: [(Tier.high, 2, true), (.high, 1, false), (.medium, 2, false)])
    func `several people at tier high are asked for a passkey where there is a console`(
        _ tier: Tier, _ quorum: Int, _ asks: Bool
    ) throws {
        var request = try office.request(
            try office.review(quorum: quorum, tier: tier), wantsPasskey: true)
        for member in 0..<quorum - 1 {
            _ = request.handle(.vote(try office.vote(on: request, by: member)), at: soon)
        }
        let last = request.handle(.vote(try office.vote(on: request, by: 3)), at: soon)
        #expect((last == .refused(.notEligible(.needsPasskey))) == asks)
        guard asks else { return }
        let proof = try office.passkeyVote(on: request, by: 3)
        #expect(request.handle(.vote(proof), at: soon) == .granted(until: soon + .seconds(600)))
    }
}
