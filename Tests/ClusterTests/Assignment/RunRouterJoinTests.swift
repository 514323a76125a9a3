import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

/// A node that joins again, whatever number its incarnation gets.
struct RunRouterJoinTests {
    private let run = AssignmentCase.run()

    /// A lossy failover can take back the commit of a join, so that the next one has the same number, or a lower one.
    @Test(arguments: [2, 1, 3] as [Int64])
    func `each join drops what the node served and claimed before`(
        _ number: Int64
    ) throws {
        let second = Incarnation.first.next
        var router = RunRouter(AssignmentCase.node(0), second)
        var table = RunTable()
        try table.join(AssignmentCase.node(0), second)
        let asked = message(1, run, &router)
        guard case .claim(let claim)? = asked.first else {
            Issue.record("\(asked)")
            return
        }
        _ = router.handle(.claimed(claim, try table.claim(claim)), at: AssignmentCase.start)
        let pending = message(2, AssignmentCase.run(2), &router)
        #expect(pending.count == 1 && router.term(of: run) == 1)
        let joined = router.handle(
            .joined(Incarnation(number).unwrapped), at: AssignmentCase.start)
        #expect(joined == [.drop(run), .refuse(RunMessage(2), .moving)])
        #expect(router.term(of: run) == nil && router.incarnation.number == number)
        // The next message asks the store, under the new number.
        let again = message(3, run, &router)
        guard case .claim(let next)? = again.first else {
            Issue.record("\(again)")
            return
        }
        #expect(next.incarnation.number == number && next.number > claim.number)
        let late = router.handle(
            .claimed(claim, try table.claim(claim)), at: AssignmentCase.start)
        #expect(late.isEmpty && router.term(of: run) == nil, "an answer of before counts no more")
    }

    private func message(
        _ number: Int64, _ run: RunID, _ router: inout RunRouter
    ) -> [RunAction] {
        router.handle(
            .message(
                RunMessage(number), run, AssignmentCase.agent, isCall: false, from: nil),
            at: AssignmentCase.start)
    }
}
