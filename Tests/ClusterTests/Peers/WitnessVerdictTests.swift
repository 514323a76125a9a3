import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// A node that is asked whether it has the same chain.
@Suite struct WitnessVerdictTests {
    private func use(_ number: UInt8) -> NarrowingChange {
        let digest = WeakHashing().sha256([number])
        return .use(
            GrantUse(
                request: ClusterOrganisation.request(number), number: 1, call: digest,
                intent: digest))
    }

    private func request(_ chain: ClusterChain, use number: Int? = nil) throws -> WitnessRequest {
        let row = number.map { chain.rows[$0] } ?? chain.rows.last
        return try #require(WitnessRequest(head: chain.head.unwrapped, use: row.unwrapped))
    }

    @Test func `a witness with the same entries agrees, also if it has more`() throws {
        var chain = try ClusterChain()
        try chain.append(use(1))
        let asked = try request(chain)
        #expect(WitnessVerdict.judge(asked, by: try chain.follower()) == (.agreed, false))
        try chain.append(.end(ClusterOrganisation.request(9)))
        #expect(WitnessVerdict.judge(asked, by: try chain.follower()) == (.agreed, false))
        let later = try request(chain, use: 1)
        #expect(WitnessVerdict.judge(later, by: try chain.follower()) == (.agreed, false))
    }

    @Test func `a witness with another chain names its own entry`() throws {
        var chain = try ClusterChain()
        var other = chain
        try chain.append(use(1))
        try other.append(.end(ClusterOrganisation.request(9)))
        let own = try #require(other.head)
        let verdict = WitnessVerdict.judge(try request(chain), by: try other.follower())
        #expect(verdict == (.otherChain(own), false))
        // The head is the same, and the use that is shown is not in it.
        try chain.append(.end(ClusterOrganisation.request(4)))
        let edited = try #require(
            WitnessRequest(
                head: chain.head.unwrapped,
                use: try chain.row(.narrowing(use(7))).renumbered(1)))
        let found = WitnessVerdict.judge(edited, by: try chain.follower())
        #expect(found == (.otherChain(try #require(chain.heads[1])), false))
    }

    @Test func `a witness that lacks the use says how far it is, and takes what comes next`() throws
    {
        var chain = try ClusterChain()
        let behind = try chain.follower()
        try chain.append(use(1))
        var verdict = WitnessVerdict.judge(try request(chain), by: behind)
        #expect(verdict == (.behind(behind.head), true))
        // It agrees once it has applied the use.
        var follower = behind
        _ = follower.receive([try request(chain).use], verifier: chain.organisation.verifier)
        #expect(WitnessVerdict.judge(try request(chain), by: follower) == (.agreed, false))
        // One that lacks more has to fetch it.
        try chain.append(use(2))
        verdict = WitnessVerdict.judge(try request(chain), by: behind)
        #expect(verdict == (.behind(behind.head), false))
    }

    @Test func `a use that follows another entry than the newest one is another chain`() throws {
        let chain = try ClusterChain()
        var other = try ClusterChain()
        try other.append(.end(ClusterOrganisation.request(9)))
        try other.append(use(1))
        var row = other.rows[2]
        row.number = 1
        let head = ChainHead(number: 1, digest: row.digest.unwrapped)
        let asked = try #require(WitnessRequest(head: head, use: row))
        let follower = try chain.follower()
        #expect(
            WitnessVerdict.judge(asked, by: follower) == (.otherChain(follower.head), false))
    }

    @Test func `a question names a use up to its head, with its body`() throws {
        var chain = try ClusterChain()
        try chain.append(use(1))
        let row = chain.rows[1]
        let head = try #require(chain.head)
        #expect(WitnessRequest(head: head, use: row) != nil)
        #expect(WitnessRequest(head: chain.heads[0].unwrapped, use: row) == nil)
        #expect(WitnessRequest(head: PeerCase.head(1), use: row) == nil, "another entry 1")
        #expect(WitnessRequest(head: head, use: chain.rows[0]) == nil)
        var bad = row
        bad.body = nil
        #expect(WitnessRequest(head: head, use: bad) == nil)
        bad.body = [UInt8](repeating: 0, count: PeerLimits.useBody + 1)
        #expect(WitnessRequest(head: head, use: bad) == nil)
        bad = row
        bad.kind = "end"
        #expect(WitnessRequest(head: head, use: bad) == nil)
    }

    @Test func `questions to a witness are bounded and each gets an answer or none`() throws {
        var chain = try ClusterChain()
        try chain.append(use(1))
        let asked = try request(chain)
        var peers = PeerCase(nodes: 2)
        let witness = ClusterOrganisation.name(2)
        var sent: [PeerMessage] = []
        for number in 1...Int64(PeerLimits.witnessQuestions) {
            let (question, actions) = peers.table.ask(asked, of: witness)
            #expect(question == number)
            sent += actions.messages
        }
        #expect(peers.table.ask(asked, of: witness).0 == nil)
        #expect(peers.table.ask(asked, of: ClusterOrganisation.name(9)).0 == nil)
        #expect(
            peers.answer(sent[3]).contains(.witnessed(question: 4, witness, .agreed)))
        #expect(peers.fail(sent[0]) == [.witnessed(question: 1, witness, nil)])
        #expect(peers.table.ask(asked, of: witness).0 == 17)
        // The questions that wait end with the membership.
        let ended = peers.set(nodes: 1...1).filter {
            if case .witnessed(_, _, nil) = $0 { true } else { false }
        }
        #expect(ended.count == 15)
    }
}

extension ClusterChain {
    fileprivate var heads: [ChainHead?] {
        rows.map { row in row.digest.map { ChainHead(number: row.number, digest: $0) } }
    }
}

extension StoredEntry {
    fileprivate func renumbered(_ number: Int64) -> StoredEntry {
        var row = self
        row.number = number
        return row
    }
}
