import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// The store's side of runs: who gets one, what is kept, and what is refused.
struct RunTableTests {
    private let run = AssignmentCase.run()
    private let one = AssignmentCase.node(1)
    private let two = AssignmentCase.node(2)

    private func joinedTable() throws -> RunTable {
        var table = RunTable()
        try table.join(one, .first)
        try table.join(two, .first)
        return table
    }

    private func claim(
        _ node: NodeName, _ incarnation: Incarnation = .first, number: Int64 = 1,
        agent: AgentName = AssignmentCase.agent
    ) -> RunClaim {
        RunClaim(run: run, agent: agent, node: node, incarnation: incarnation, number: number)
    }

    private func change(
        _ node: NodeName, term: Int64, _ kind: RunChange.Kind,
        _ incarnation: Incarnation = .first
    ) -> RunChange {
        RunChange(run: run, node: node, incarnation: incarnation, term: term, kind: kind)
    }

    private func assigned(
        _ term: Int64, _ origin: RunAssignment.Origin, _ level: TaintLevel = .clean,
        calls: Int64, home: NodeName? = nil
    ) -> ClaimAnswer {
        .assigned(
            RunAssignment(
                term: term, home: home ?? one, origin: origin, level: level, calls: calls,
                reserved: calls + 64))
    }

    @Test func `the first claim gets a new run, and others learn who serves it`() throws {
        var table = try joinedTable()
        let first = try table.claim(claim(one))
        let second = try table.claim(claim(two))
        #expect(first == assigned(1, .new, calls: 0) && second == .serves(one))
    }

    @Test func `a run moves once it is free, with its level and its calls`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        try table.change(change(one, term: 1, .level(.untrusted)))
        try table.change(change(one, term: 1, .free(calls: 9)))
        let moved = try table.claim(claim(two))
        #expect(moved == assigned(2, .freed(one), .untrusted, calls: 9))
        let back = try table.claim(claim(one, number: 2))
        #expect(back == .serves(two))
    }

    @Test func `a run of a lost node moves, at least tainted, with its calls rounded up`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        let before = try table.claim(claim(two))
        try table.expel(one, .first)
        let after = try table.claim(claim(two))
        #expect(before == .serves(one))
        #expect(after == assigned(2, .lost(one), .untrusted, calls: 64))
        // The level is kept with the claim, so that a claim whose answer is lost loses none.
        let again = try table.claim(claim(two, number: 2))
        #expect(again == assigned(3, .again, .untrusted, calls: 128))
    }

    @Test func `a repeated claim is answered as before, and a late one counts for nothing`() throws
    {
        var table = try joinedTable()
        let first = try table.claim(claim(one, number: 2))
        let repeated = try table.claim(claim(one, number: 2))
        #expect(repeated == first && first == assigned(1, .new, calls: 0))
        #expect(throws: RunTableRefusal.moved) { try table.claim(claim(one, number: 1)) }
        try table.change(change(one, term: 1, .free(calls: 1)))
        #expect(throws: RunTableRefusal.moved) { try table.claim(claim(one, number: 2)) }
        #expect(table.row(run)?.isFree == true)
        let next = try table.claim(claim(one, number: 3))
        #expect(next == assigned(2, .freed(one), calls: 1))
    }

    @Test func `a node that starts again has lost its runs too`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        try table.change(change(one, term: 1, .level(.hostile)))
        try table.join(one, Incarnation.first.next)
        let own = try table.claim(claim(one, Incarnation.first.next))
        #expect(own == assigned(2, .lost(one), .hostile, calls: 64))
    }

    @Test func `a late change of an earlier claim changes nothing`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        _ = try table.claim(claim(one, number: 2))
        #expect(throws: RunTableRefusal.moved) {
            try table.change(change(one, term: 1, .free(calls: 1)))
        }
        #expect(table.row(run)?.isFree == false)
        try table.change(change(one, term: 2, .free(calls: 1)))
        _ = try table.claim(claim(two))
        for kind in [RunChange.Kind.free(calls: 1), .level(.hostile), .calls(500)] {
            #expect(throws: RunTableRefusal.moved) {
                try table.change(change(one, term: 2, kind))
            }
        }
        #expect(table.row(run)?.level == .clean && table.row(run)?.node == two)
    }

    @Test func `a change may be repeated, and lowers nothing`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        for level in [TaintLevel.hostile, .hostile, .untrusted, .clean] {
            try table.change(change(one, term: 1, .level(level)))
        }
        for calls in [128, 192, 128] as [Int64] {
            try table.change(change(one, term: 1, .calls(calls)))
        }
        #expect(table.row(run)?.level == .hostile && table.row(run)?.calls == 192)
        for _ in 0..<2 { try table.change(change(one, term: 1, .free(calls: 130))) }
        #expect(table.row(run)?.calls == 130 && table.row(run)?.isFree == true)
        #expect(throws: RunTableRefusal.moved) {
            try table.change(change(one, term: 1, .level(.hostile)))
        }
    }

    @Test func `an expelled incarnation claims and changes nothing`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        try table.expel(one, .first)
        #expect(throws: RunTableRefusal.expelled) { try table.claim(claim(one)) }
        #expect(throws: RunTableRefusal.expelled) {
            try table.change(change(one, term: 1, .free(calls: 0)))
        }
        #expect(throws: RunTableRefusal.expelled) { try table.expel(one, .first) }
        #expect(throws: RunTableRefusal.expelled) {
            try table.claim(claim(AssignmentCase.node(9)))
        }
        #expect(throws: RunTableRefusal.unfit) { try table.join(one, .first) }
        try table.join(one, Incarnation.first.next)
        let claimed = try table.claim(claim(one, Incarnation.first.next))
        #expect(claimed == assigned(2, .lost(one), .untrusted, calls: 64))
    }

    @Test func `in a new generation nothing is claimed or changed until all is put back`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        table.restart(generation: StoreGeneration("2/b"))
        #expect(!table.isOpen && !table.isRestored(one))
        #expect(throws: RunTableRefusal.closed) { try table.claim(claim(two)) }
        #expect(throws: RunTableRefusal.closed) {
            try table.change(change(one, term: 1, .level(.hostile)))
        }
        #expect(throws: RunTableRefusal.closed) {
            try table.finishRestoring(one, .first, generation: StoreGeneration("1/a"))
        }
        try table.finishRestoring(one, .first, generation: StoreGeneration("2/b"))
        #expect(!table.isOpen)
        try table.expel(two, .first)
        #expect(table.isOpen, "a silent node is expelled")
        try table.join(two, Incarnation.first.next)
        #expect(!table.isOpen, "and says what it has when it is back")
    }

    @Test func `what is put back never undoes a later claim, and is of its node's incarnation`()
        throws
    {
        func known(_ agent: AgentName = AssignmentCase.agent, calls: Int64 = 64, claim: Int64 = 1)
            -> RunChange.Kind
        {
            .putBack(
                RunPutBack(
                    agent: agent, home: one, level: .hostile, calls: calls, claim: claim,
                    isFree: false))
        }
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        try table.change(change(one, term: 1, .free(calls: 3)))
        _ = try table.claim(claim(two))
        #expect(throws: RunTableRefusal.moved) { try table.change(change(one, term: 1, known())) }
        #expect(throws: RunTableRefusal.moved) { try table.change(change(one, term: 2, known())) }
        #expect(throws: RunTableRefusal.expelled) {
            try table.change(change(one, term: 9, known(), Incarnation.first.next))
        }
        for kind in [known(AssignmentCase.other), known(calls: -1), known(claim: 0)] {
            #expect(throws: RunTableRefusal.unfit) { try table.change(change(two, term: 2, kind)) }
        }
        #expect(throws: RunTableRefusal.unfit) { try table.change(change(two, term: 0, known())) }
        #expect(table.row(run)?.node == two && table.row(run)?.level == .clean)
        try table.change(change(two, term: 2, known()))
        #expect(table.row(run)?.level == .hostile && table.row(run)?.calls == 67)
        table.end(run)
        #expect(throws: RunTableRefusal.moved) { try table.change(change(two, term: 2, known())) }
    }

    @Test func `a run that ended is served by no node`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        table.end(run)
        let answer = try table.claim(claim(two))
        #expect(answer == .ended)
        #expect(throws: RunTableRefusal.moved) {
            try table.change(change(one, term: 1, .level(.hostile)))
        }
    }

    @Test func `another agent's run, and numbers that no node sends, are refused`() throws {
        var table = try joinedTable()
        _ = try table.claim(claim(one))
        #expect(throws: RunTableRefusal.unfit) {
            try table.claim(claim(two, agent: AssignmentCase.other))
        }
        #expect(throws: RunTableRefusal.unfit) { try table.claim(claim(two, number: 0)) }
        for kind in [RunChange.Kind.free(calls: -1), .calls(-1), .calls(.min)] {
            #expect(throws: RunTableRefusal.unfit) {
                try table.change(change(one, term: 1, kind))
            }
        }
        #expect(throws: RunTableRefusal.moved) {
            try table.change(change(one, term: 2, .level(.hostile)))
        }
    }
}
