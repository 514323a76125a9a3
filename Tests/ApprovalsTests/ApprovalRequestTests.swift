import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@Suite struct ApprovalRequestTests {
    private let office = Office()
    private let soon = Office.start + .seconds(2)

    /// The kinds of event; `event` makes one of each that fits a new request.
    enum Kind: String, CaseIterable {
        case approve, deny, consent, tick, withdraw, void, reissue, breakGlass, leave, seat, lapse,
            use
    }

    private func event(_ kind: Kind, for request: ApprovalRequest) throws -> ApprovalEvent {
        switch kind {
        case .approve: .vote(try office.vote(on: request, .approve, by: 2))
        case .deny: .vote(try office.vote(on: request, .deny, by: 2))
        case .consent: .consent(bind: request.bind)
        case .tick: .tick
        case .withdraw: .withdraw(.cancelled)
        case .void: .void(.halted)
        case .reissue:
            .reissue(
                try office.review(revision: request.revision + 1),
                voters: office.people.map(\.voter))
        case .breakGlass: .breakGlass(try office.lowered(request))
        case .leave: .leave(office.people[3].pseudonym)
        case .seat: .seat(office.people.dropFirst().map(\.voter))
        case .lapse: .lapse(.key(office.people[0].key.publicKey))
        case .use: .use(office.claim(request))
        }
    }

    /// Every pair of a state and an event, with the resulting state.
    private static let table: [(ApprovalState, [Kind: ApprovalState])] = [
        (
            .pending,
            [
                .approve: .pending, .deny: .denied, .consent: .pending, .tick: .pending,
                .withdraw: .withdrawn,
                .void: .void, .reissue: .pending, .breakGlass: .pending, .leave: .pending,
                .seat: .pending, .lapse: .pending, .use: .pending,
            ]
        ),
        (
            .approved,
            [
                .approve: .approved, .deny: .void, .consent: .approved, .tick: .approved,
                .withdraw: .approved,
                .void: .void, .reissue: .void, .breakGlass: .approved, .leave: .approved,
                .seat: .approved, .lapse: .void, .use: .used,
            ]
        ),
    ]

    @Test(arguments: ApprovalState.allCases, Kind.allCases)
    func `each event in each state leads where the table says`(
        _ state: ApprovalState, _ kind: Kind
    ) throws {
        var request = try office.request(in: state)
        try #require(request.state == state)
        let before = request
        let action = request.handle(try event(kind, for: request), at: soon)
        let row = ApprovalRequestTests.table.first { $0.0 == state }?.1
        #expect(request.state == row?[kind] ?? state)
        if state.isFinal {
            #expect(kind == .tick ? action == .none : action == .refused(.closed(state)))
            #expect(request.votes == before.votes && request.revision == before.revision)
        }
        if case .refused = action { #expect(request.state == before.state) }
    }

    @Test func `the quorum is distinct people`() throws {
        var request = try office.request()
        #expect(
            request.handle(.vote(try office.vote(on: request, by: 0)), at: soon)
                == .counted(have: 1, need: 2))
        #expect(
            request.handle(.vote(try office.vote(on: request, by: 0)), at: soon)
                == .refused(.alreadyVoted))
        #expect(
            request.handle(.vote(try office.vote(on: request, by: 0, spare: true)), at: soon)
                == .refused(.alreadyVoted))
        #expect(
            request.handle(.vote(try office.vote(on: request, by: 1)), at: soon)
                == .granted(until: soon + .seconds(600)))
    }

    @Test func `one denial ends it, also after an approval of the same person`() throws {
        var request = try office.request()
        _ = request.handle(.vote(try office.vote(on: request, by: 0)), at: soon)
        #expect(
            request.handle(.vote(try office.vote(on: request, .deny, by: 0)), at: soon)
                == .denied(by: office.people[0].pseudonym))
    }

    @Test func `a vote of somebody outside the group is not counted`() throws {
        var request = try ApprovalRequest(
            try office.review(),
            call: CallID(milliseconds: 1, random: .init(repeating: 1, count: 10)),
            voters: office.people.prefix(2).map(\.voter), now: Office.start)
        for verdict in [Vote.Verdict.approve, .deny] {
            #expect(
                request.handle(.vote(try office.vote(on: request, verdict, by: 2)), at: soon)
                    == .refused(.notEligible(.notMember)))
        }
    }

    @Test func `a vote about another request, revision or form is not counted`() throws {
        var request = try office.request()
        let other = try office.request(try office.review(of: 2))
        #expect(
            request.handle(.vote(try office.vote(on: other)), at: soon) == .refused(.noSuchRequest))
        let old = try office.vote(on: request)
        _ = request.handle(try event(.reissue, for: request), at: soon)
        #expect(request.handle(.vote(old), at: soon) == .refused(.revisionChanged))
        let changed = try office.request(
            try office.review(revision: 2, call: try office.call(["amount_cents": 1])))
        #expect(
            request.handle(.vote(try office.vote(on: changed)), at: soon)
                == .refused(.digestMismatch))
    }

    @Test func `a new revision drops the votes and keeps the deadline`() throws {
        var request = try office.request()
        _ = request.handle(.vote(try office.vote(on: request, by: 0)), at: soon)
        let expires = request.expires
        #expect(
            request.handle(try event(.reissue, for: request), at: soon) == .reissued(revision: 2))
        #expect(request.votes.isEmpty && request.expires == expires)
        let call = try office.call(["amount_cents": 1])
        #expect(
            request.handle(
                .reissue(
                    try office.review(revision: 3, call: call), voters: office.people.map(\.voter)),
                at: soon) == .refused(.digestMismatch))
    }

    @Test func `silence ends in expiry, and a vote at the deadline is too late`() throws {
        var request = try office.request(life: .seconds(60))
        let vote = try office.vote(on: request)
        #expect(request.handle(.tick, at: request.expires + .microseconds(-1)) == .none)
        #expect(request.handle(.vote(vote), at: request.expires) == .expired(.unanswered))
        #expect(request.handle(.vote(vote), at: soon) == .refused(.closed(.expired)))
    }

    @Test func `a clock set back lengthens nothing`() throws {
        var request = try office.request(life: .seconds(60))
        _ = request.handle(.tick, at: request.expires + .microseconds(-1))
        let vote = try office.vote(on: request)
        #expect(request.handle(.vote(vote), at: Office.start) == .counted(have: 1, need: 2))
        _ = request.handle(.vote(try office.vote(on: request, by: 1)), at: Office.start)
        #expect(request.grantEnds == request.expires + .microseconds(-1) + .seconds(600))
    }

    @Test func `a grant is for ten minutes and one use`() throws {
        var used = try office.request(in: .approved)
        #expect(used.handle(.use(office.claim(used)), at: soon) == .used)
        #expect(used.handle(.use(office.claim(used)), at: soon) == .refused(.closed(.used)))
        var late = try office.request(in: .approved)
        #expect(
            late.handle(.use(office.claim(late)), at: try #require(late.grantEnds))
                == .expired(.unused))
    }

    @Test func `changed arguments do not use the grant and do not spoil it`() throws {
        var request = try office.request(in: .approved)
        let other = try office.call(["amount_cents": 42001]).digest(office.hashing)
        #expect(
            request.handle(.use(UseClaim(callDigest: other, decision: .allow)), at: soon)
                == .refused(.digestMismatch))
        #expect(request.handle(.use(office.claim(request)), at: soon) == .used)
    }

    @Test func `at recheck the policy of now decides`() throws {
        let effects = EffectSet(.spendsMoney)
        func use(_ decision: UseClaim.Decision) throws -> ApprovalAction {
            var request = try office.request(in: .approved)
            return request.handle(
                .use(UseClaim(callDigest: request.callDigest, decision: decision)), at: soon)
        }
        let all = office.people.map(\.person)
        #expect(try use(.allow) == .used)
        #expect(try use(.deny) == .void(.policyDenies))
        func approve(
            _ quorum: Int, _ effects: EffectSet, _ eligible: [Person], group: String = "finance"
        ) -> UseClaim.Decision {
            .approve(quorum: quorum, group: group, effects: effects, eligible: eligible)
        }
        #expect(try use(approve(1, effects, all)) == .used)
        #expect(try use(approve(3, effects, all)) == .void(.quorumUnreachable))
        #expect(try use(approve(2, effects, all, group: "other")) == .void(.policyChanged))
        #expect(try use(approve(2, [], all)) == .void(.policyChanged))
        #expect(try use(approve(2, effects, Array(all.dropFirst()))) == .void(.quorumUnreachable))
    }

    @Test func `when too few people are left it is void`() throws {
        var request = try office.request()
        for member in 0..<2 {
            #expect(
                request.handle(.leave(office.people[member].pseudonym), at: soon) == .shrunk)
        }
        #expect(
            request.handle(.leave(office.people[2].pseudonym), at: soon)
                == .void(.quorumUnreachable))
        var approved = try office.request(in: .approved)
        #expect(
            approved.handle(.leave(office.people[0].pseudonym), at: soon)
                == .void(.quorumUnreachable))
    }

    @Test func `a request that nobody could approve is not made`() throws {
        #expect(throws: ApprovalRefusal.self) {
            try ApprovalRequest(
                try office.review(),
                call: CallID(milliseconds: 1, random: .init(repeating: 1, count: 10)),
                voters: [office.people[0].voter], now: Office.start)
        }
    }

    @Test func `deadlines stay within their bounds`() throws {
        #expect(try office.request(life: .seconds(1)).expires == Office.start + .seconds(60))
        #expect(
            try office.request(life: .seconds(10_000_000)).expires
                == Office.start + .seconds(7 * 86_400))
        #expect(
            try office.request(try office.review(tier: .high), life: .seconds(10_000_000)).expires
                == Office.start + .seconds(86_400))
    }

    @Test func `arguments too large to review are refused`() throws {
        let call = try office.call(["text": .string(String(repeating: "a", count: 70_000))])
        #expect(throws: FormError.self) { try office.review(call: call) }
    }
}
