import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// A gated call is sent only after all entries before its own use were applied, and everything was checked again.
@Suite(.requirement("R091")) struct GatedUseTests {
    private let request = ClusterOrganisation.request(1)
    private let server = ServerName("crm").unwrapped
    private let agent = AgentName("refunds").unwrapped
    private let now = BootTime(microseconds: 1_000_000)

    private var use: GrantUse {
        GrantUse(
            request: request, number: 1, call: WeakHashing().sha256([1]),
            intent: WeakHashing().sha256([2]))
    }

    private func lease(_ follower: ChainFollower) -> NodeLease {
        var lease = NodeLease(.standard)
        let beat = lease.send(at: now)
        lease.answer(beat, head: 0, applied: follower.head.number)
        return lease
    }

    private func gated(
        _ chain: ClusterChain, _ entry: ChainHead, by node: Int = 1
    ) throws -> GatedUse {
        let tool = ToolAddress(server: server, tool: try #require(ToolName("refund")))
        let scope = CallScope(
            agent: agent, owner: chain.organisation.li.pseudonym, run: ClusterOrganisation.run(1),
            token: "t1", tool: tool, revision: nil)
        return GatedUse(
            use: use, scope: scope, node: ClusterOrganisation.name(node), incarnation: .first,
            entry: entry)
    }

    /// The verdict on a use that follows these entries, and which others follow.
    private func verdict(
        before: [NarrowingChange], after: [NarrowingChange] = [], at time: BootTime? = nil
    ) throws -> GatedUse.Verdict {
        var chain = try ClusterChain()
        for change in before { try chain.append(change) }
        try chain.append(.use(use))
        let entry = try #require(chain.head)
        for change in after { try chain.append(change) }
        let follower = try chain.follower()
        return try gated(chain, entry).judge(follower, lease(follower), at: time ?? now)
    }

    @Test func `a use that nothing stands against is sent`() throws {
        guard case .send(let cleared) = try verdict(before: [], after: [.tokenEnd("other")]) else {
            Issue.record("not sent")
            return
        }
        #expect(cleared.use == use && cleared.head.number == 2)
    }

    @Test func `it waits until its own entry is applied`() throws {
        var chain = try ClusterChain()
        let before = try chain.follower()
        try chain.append(.use(use))
        let gated = try gated(chain, try #require(chain.head))
        #expect(gated.judge(before, lease(before), at: now) == .wait)
    }

    /// A store that lies can answer with a genuine use of the same grant and number, which is not this one.
    @Test func `the use of another node, call or intent is not taken for its own`() throws {
        let others = [
            GrantUse(
                request: request, number: 1, call: WeakHashing().sha256([9]), intent: use.intent),
            GrantUse(
                request: request, number: 1, call: use.call, intent: WeakHashing().sha256([9])),
        ]
        for other in others {
            var chain = try ClusterChain()
            try chain.append(.use(other))
            let follower = try chain.follower()
            let verdict = try gated(chain, try #require(chain.head))
                .judge(follower, lease(follower), at: now)
            #expect(verdict == .refuse(.noUse))
        }
        var chain = try ClusterChain()
        let admission = try chain.organisation.admission(1, of: 2)
        try chain.append(.member, admission, subject: "gw2")
        try chain.append(.use(use), node: 2)
        let entry = try #require(chain.head)
        let follower = try chain.follower()
        let own = try gated(chain, entry).judge(follower, lease(follower), at: now)
        #expect(own == .refuse(.noUse), "the entry is of gw2")
        let theirs = try gated(chain, entry, by: 2).judge(follower, lease(follower), at: now)
        guard case .send = theirs else {
            Issue.record("\(theirs)")
            return
        }
    }

    @Test
    func `an end, halt, revocation, pause, quarantine or expulsion stops it, before or after`()
        throws
    {
        let organisation = ClusterOrganisation()
        let cases: [(NarrowingChange, GatedUse.Refusal?)] = [
            (.halt(try organisation.halt(1)), nil),
            (
                .halt(
                    try organisation.halt(
                        2,
                        .tool(
                            ToolAddress(server: server, tool: try #require(ToolName("refund")))))),
                nil
            ),
            (.runEnd(ClusterOrganisation.run(1)), .scope(.runEnded)),
            (.tokenEnd("t1"), .scope(.tokenEnded)),
            (.pause(ClusterOrganisation.run(1)), .scope(.paused)),
            (.quarantine(server), .scope(.quarantined)),
            (.expelled(ClusterOrganisation.name(1), .first), .expelled),
        ]
        for (change, expected) in cases {
            for verdict in [
                try verdict(before: [change]), try verdict(before: [], after: [change]),
            ] {
                guard case .refuse(let refusal) = verdict else {
                    Issue.record("\(change) let it pass")
                    continue
                }
                if let expected {
                    #expect(refusal == expected)
                } else if case .scope(.halted) = refusal {
                } else {
                    Issue.record("\(refusal)")
                }
            }
        }
        #expect(try verdict(before: [.end(request)]) == .refuse(.noUse))
        #expect(try verdict(before: [], after: [.end(request)]) == .refuse(.ended))
    }

    @Test func `another revision, another entry or the end of the lease stops it`() throws {
        let revision = WeakHashing().sha256([7])
        let organisation = ClusterOrganisation([(1, .revision(revision, after: nil))])
        var chain = try ClusterChain(organisation)
        try chain.append(.use(use))
        let entry = try #require(chain.head)
        let gated = try gated(chain, entry)
        let sound = try chain.follower()
        #expect(
            gated.judge(sound, NodeLease(.standard), at: now) == .refuse(.lease))
        #expect(
            gated.judge(sound, lease(sound), at: now + .seconds(4)) == .refuse(.lease))
        let other = ChainHead(number: entry.number, digest: revision)
        #expect(
            try self.gated(chain, other).judge(sound, lease(sound), at: now) == .refuse(.chain))
        try chain.append(.end(ClusterOrganisation.request(2)))
        let next = try #require(chain.head)
        let later = try chain.follower()
        #expect(
            try self.gated(chain, next).judge(later, lease(later), at: now) == .refuse(.noUse))
        try chain.append(.revision, [organisation.statement(1)], subject: "policy")
        var changed = try chain.follower()
        #expect(gated.judge(changed, lease(changed), at: now) == .refuse(.chain))
        changed.load(revision)
        #expect(
            gated.judge(changed, lease(changed), at: now) == .refuse(.scope(.otherRevision)))
    }
}
