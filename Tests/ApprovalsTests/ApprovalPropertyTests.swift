import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@Suite struct ApprovalPropertyTests {
    private let office = Office()

    @Test func `at most one use, never fewer than n people, no way from silence to approved`()
        throws
    {
        var generator = SeededGenerator.announced()
        for _ in 0..<300 {
            let quorum = Int.random(in: 1...3, using: &generator)
            var request = try office.request(try office.review(quorum: quorum))
            var now = Office.start
            var approvers: Set<Int> = []
            var uses = 0
            for _ in 0..<Int.random(in: 1...14, using: &generator) {
                now = now + .seconds(Int64.random(in: -60...200, using: &generator))
                let before = request
                let choice = Int.random(in: 0...12, using: &generator)
                let member = Int.random(in: 0...3, using: &generator)
                let action: ApprovalAction
                switch choice {
                case 0...4:
                    let vote = try office.vote(
                        on: request, by: member, spare: choice == 0, at: now)
                    action = request.handle(.vote(vote), at: now)
                    if request.votes.count > before.votes.count { approvers.insert(member) }
                case 5:
                    let vote = try office.vote(on: request, .deny, by: member, at: now)
                    action = request.handle(.vote(vote), at: now)
                case 6: action = request.handle(.withdraw(.closed), at: now)
                case 7:
                    action = request.handle(
                        .reissue(
                            try office.review(revision: request.revision + 1, quorum: quorum),
                            voters: office.people.map(\.voter)), at: now)
                    if case .reissued = action { approvers = [] }
                case 8:
                    action = request.handle(.leave(office.people[member].pseudonym), at: now)
                    approvers.remove(member)
                case 9, 10: action = request.handle(.use(office.claim(request)), at: now)
                // This tier does not accept a client's consent.
                case 11: action = request.handle(.consent(bind: request.bind), at: now)
                default: action = request.handle(.tick, at: now)
                }
                if action == .used { uses += 1 }
                #expect(request.latest >= before.latest)
                #expect(!before.state.isFinal || request.state == before.state)
                if request.state == .approved, before.state != .approved {
                    // Only a vote approves a request, and only if enough people have approved it.
                    #expect((0...4).contains(choice))
                    #expect(approvers.count >= quorum)
                    #expect(request.latest < request.expires)
                }
                if request.state == .used {
                    #expect(before.state == .approved || before.state == .used)
                    #expect(Set(request.votes.map(\.person)).count >= quorum)
                }
            }
            #expect(uses <= 1)
        }
    }

    /// Fails if the passing of time is ever taken for consent.
    @Test func `time alone never approves`() throws {
        for quorum in 1...3 {
            var request = try office.request(try office.review(quorum: quorum))
            for member in 0..<quorum - 1 {
                _ = request.handle(
                    .vote(try office.vote(on: request, by: member)), at: Office.start)
            }
            for second in stride(from: Int64(0), to: 2000, by: 50) {
                _ = request.handle(.tick, at: Office.start + .seconds(second))
                #expect(request.state != .approved)
            }
            #expect(request.state == .expired)
        }
    }
}
