import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Entries that only restrict or consume, what they leave, and each fault of one that is applied.
@Suite struct ChainStateTests {
    private let request = ClusterOrganisation.request(1)

    private func use(_ number: Int64, of request: ApprovalID? = nil) -> NarrowingChange {
        .use(
            GrantUse(
                request: request ?? self.request, number: number,
                call: WeakHashing().sha256([1]), intent: WeakHashing().sha256([2])))
    }

    /// Applies one row to a state and returns the effect.
    private func apply(
        _ row: StoredEntry, to state: inout ChainState, _ chain: ClusterChain
    ) throws(EntryRejection) -> EntryEffect {
        let entry = try ChainEntry(row, after: state.head, hashing: WeakHashing())
        return try state.apply(entry, verifier: chain.organisation.verifier)
    }

    private func fault(
        _ row: StoredEntry, _ state: ChainState, _ chain: ClusterChain
    ) -> EntryFault? {
        var state = state
        let before = state
        do throws(EntryRejection) {
            _ = try apply(row, to: &state, chain)
            return nil
        } catch {
            #expect(state == before, "an entry that is refused changes nothing")
            guard case .fault(let fault) = error else { return nil }
            return fault
        }
    }

    @Test func `the first entry gives the people, the node and nothing more`() throws {
        let state = try ClusterChain().first()
        #expect(state.admitted == [ClusterOrganisation.name(1)])
        #expect(state.head.number == 0 && state.halts.epoch == 0 && state.revision == nil)
        #expect(state.isProved && state.hasStandby)
    }

    @Test func `a first entry other than the given one, or by another key, is refused`() throws {
        let chain = try ClusterChain()
        let hashing = WeakHashing()
        let verifier = chain.organisation.verifier
        let entry = try ChainEntry(chain.rows[0], after: nil, hashing: hashing)
        #expect(throws: EntryRejection.fault(.otherGenesis)) {
            _ = try ChainState(first: entry, genesis: hashing.sha256([1]), verifier: verifier)
        }
        let genesis = Genesis(
            people: try chain.organisation.people(), node: ClusterOrganisation.keys(1),
            revision: nil, hasStandby: true)
        var empty = chain
        empty.lose(1)
        let forged = try ChainEntry(
            try empty.row(.genesis(genesis), key: ClusterOrganisation.key(9)), after: nil,
            hashing: hashing)
        #expect(throws: EntryRejection.fault(.badSignature(0))) {
            _ = try ChainState(first: forged, genesis: nil, verifier: verifier)
        }
        let other = try ChainEntry(
            try empty.row(.genesis(genesis), node: 2), after: nil, hashing: hashing)
        #expect(throws: EntryRejection.fault(.notMember(0, ClusterOrganisation.name(2)))) {
            _ = try ChainState(first: other, genesis: nil, verifier: verifier)
        }
    }

    @Test func `an entry of another organisation, node or key is a fault`() throws {
        let chain = try ClusterChain()
        let state = try chain.first()
        let end = EntryContent.narrowing(.end(request))
        #expect(
            fault(try chain.row(end, org: "other"), state, chain) == .otherOrganisation(1))
        #expect(
            fault(try chain.row(end, node: 2), state, chain)
                == .notMember(1, ClusterOrganisation.name(2)))
        #expect(
            fault(try chain.row(end, key: ClusterOrganisation.key(9)), state, chain)
                == .badSignature(1))
    }

    @Test func `an entry is applied once, and after the one before it alone`() throws {
        var chain = try ClusterChain()
        try chain.append(.end(request))
        var state = try chain.first()
        let entry = try ChainEntry(chain.rows[1], after: state.head, hashing: WeakHashing())
        let effect = try state.apply(entry, verifier: chain.organisation.verifier)
        #expect(effect == .changed)
        let applied = state
        #expect(throws: EntryRejection.fault(.wrongLink(1))) {
            _ = try state.apply(entry, verifier: chain.organisation.verifier)
        }
        #expect(state == applied)
    }

    @Test func `the same use of a request twice is a fault`() throws {
        var chain = try ClusterChain()
        try chain.append(use(1))
        try chain.append(use(2))
        let state = try chain.follower().state
        #expect(fault(try chain.row(.narrowing(use(2))), state, chain) == .doubleUse(3))
        #expect(fault(try chain.row(.narrowing(use(3))), state, chain) == nil)
    }

    @Test func `a use after the end of its request changes nothing`() throws {
        var chain = try ClusterChain()
        try chain.append(use(1))
        try chain.append(.end(request))
        var state = try chain.follower().state
        let late = try chain.row(.narrowing(use(2)))
        let effect = try apply(late, to: &state, chain)
        #expect(effect == .void(.ended))
        #expect(state.requests.isEnded(request))
        guard case .use(let second) = use(2) else { return }
        #expect(state.requests.entry(of: second, by: ClusterOrganisation.name(1)) == nil)
    }

    @Test func `ends of runs, tokens, requests and elevations stay, and repeat without effect`()
        throws
    {
        let run = ClusterOrganisation.run(1)
        let elevation = ElevationID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        let changes: [NarrowingChange] = [
            .runEnd(run), .tokenEnd("t"), .end(request), .elevationEnd(elevation),
        ]
        var chain = try ClusterChain()
        var state = try chain.first()
        for expected in [EntryEffect.changed, .unchanged] {
            for change in changes {
                let row = try chain.append(change)
                let effect = try apply(row, to: &state, chain)
                #expect(effect == expected, "\(change)")
            }
        }
        #expect(state.runsEnded == [run] && state.tokensEnded == ["t"])
        #expect(state.elevationsEnded == [elevation])
    }

    @Test func `a demotion lowers, and a later higher one does not raise`() throws {
        let agent = try #require(AgentName("refunds"))
        var chain = try ClusterChain()
        for stage in [1, 2, 0, 3] {
            try chain.append(.demotion(agent, to: try #require(TrustStageAssignment(stage))))
        }
        #expect(try chain.follower().state.demotions[agent]?.to == .lowest)
    }

    @Test func `an expelled incarnation and those before it may not serve`() throws {
        let node = ClusterOrganisation.name(1)
        var chain = try ClusterChain()
        let third = try #require(Incarnation(3))
        try chain.append(.expelled(node, third))
        try chain.append(.expelled(node, .first))
        let state = try chain.follower().state
        #expect(!state.mayServe(node, .first) && !state.mayServe(node, third))
        #expect(state.mayServe(node, third.next))
        #expect(!state.mayServe(ClusterOrganisation.name(2), third.next))
    }

    @Test func `a halt is in force, and its entry is the epoch`() throws {
        var chain = try ClusterChain()
        try chain.append(.end(request))
        try chain.append(.halt(try chain.organisation.halt(1)))
        let state = try chain.follower().state
        #expect(state.halts.epoch == 2)
        #expect(state.halts.active.map(\.id) == [ClusterOrganisation.orderID(1)])
    }

    @Test func `a halt by a person without the role is void, and one that is forged a fault`()
        throws
    {
        let chain = try ClusterChain()
        let organisation = chain.organisation
        var state = try chain.first()
        let row = try chain.row(
            .narrowing(.halt(try organisation.halt(1, by: organisation.ana))))
        let effect = try apply(row, to: &state, chain)
        guard case .void(.unauthorized) = effect else {
            Issue.record("\(effect)")
            return
        }
        #expect(state.halts.active.isEmpty && state.halts.epoch == 0)
        let good = try organisation.halt(2)
        let forged = Envelope(
            payloadType: .halt, payload: good.payload,
            signatures: [.key(organisation.li.keys[0].key, [UInt8](repeating: 0, count: 64))])
        let found = fault(
            try chain.row(.narrowing(.halt(forged))), try chain.first(), chain)
        guard case .badStatement(1, _)? = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }

    @Test func `a halt by a node's own key is taken`() throws {
        let chain = try ClusterChain()
        let key = ClusterOrganisation.keys(1).log
        let order = try HaltOrder(
            id: ClusterOrganisation.orderID(1), org: "acme", target: .org,
            reason: "the log cannot be written", author: chain.organisation.li.pseudonym,
            at: ClusterOrganisation.start, local: true)
        let envelope = chain.organisation.sign(.halt, try order.canonical(), [key])
        var state = try chain.first()
        let row = try chain.row(.narrowing(.halt(envelope)))
        let effect = try apply(row, to: &state, chain)
        #expect(effect == .changed && state.halts.active.map(\.target) == [.org])
    }

    /// Restrictions only grow while no entry of people is applied, whatever order the entries come in.
    @Test func `no row of entries by nodes alone permits what was refused`() throws {
        var random = SeededGenerator.announced()
        let server = try #require(ServerName("crm"))
        let agent = try #require(AgentName("refunds"))
        let tool = ToolAddress(server: server, tool: try #require(ToolName("search")))
        for _ in 0..<rounds(50) {
            var chain = try ClusterChain()
            let scope = CallScope(
                agent: agent, owner: chain.organisation.li.pseudonym,
                run: ClusterOrganisation.run(1), token: "t1", tool: tool, revision: nil)
            var state = try chain.first()
            var isRefused = false
            for step in 0..<20 {
                let number = UInt8.random(in: 1...4, using: &random)
                let change: NarrowingChange
                switch Int.random(in: 0..<8, using: &random) {
                case 0:
                    change = .halt(
                        try chain.organisation.halt(
                            Int64(step), .run(ClusterOrganisation.run(number))))
                case 1: change = .runEnd(ClusterOrganisation.run(number))
                case 2: change = .pause(ClusterOrganisation.run(number))
                case 3: change = .tokenEnd(ExactText("t\(number)"))
                case 4: change = .quarantine(number == 1 ? server : ServerName("o").unwrapped)
                case 5: change = .end(ClusterOrganisation.request(number))
                case 6: change = .demotion(agent, to: .lowest)
                default: change = use(Int64(step + 1), of: ClusterOrganisation.request(number))
                }
                let row = try chain.append(change)
                _ = try apply(row, to: &state, chain)
                let refusal = state.refusal(of: scope)
                #expect(!isRefused || refusal != nil)
                isRefused = refusal != nil
            }
        }
    }
}
