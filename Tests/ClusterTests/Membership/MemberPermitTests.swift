import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Permits that people sign ahead, and the nodes that claim them.
@Suite struct MemberPermitTests {
    private static let start = ClusterOrganisation.start
    private static let key = ClusterOrganisation.key(200)
    private let organisation = ClusterOrganisation()

    private func permit(
        _ number: Int64 = 1, for count: Int = 2,
        until end: Timestamp = start + .seconds(3600), by people: [TrustedPerson]? = nil
    ) throws -> Envelope {
        let people = people ?? [organisation.li, organisation.sam]
        let order = try MemberOrder(
            id: ClusterOrganisation.orderID(number), org: "acme",
            change: .permit(Self.key, count: count, until: end), reason: "machines that come",
            authors: people.map(\.pseudonym))
        return organisation.sign(.member, try order.canonical(), by: people)
    }

    private func claim(
        _ permit: Envelope, by node: Int, org: String = "acme", keys: [PublicKey]? = nil
    ) throws -> [Envelope] {
        let own = ClusterOrganisation.keys(node)
        let claim = MemberClaim(
            org: org, permit: WeakHashing().sha256(permit.payload), keys: own)
        return [
            permit,
            organisation.sign(.member, try claim.canonical(), keys ?? [Self.key, own.log]),
        ]
    }

    private func effect(
        of envelopes: [Envelope], node: Int, in chain: ClusterChain
    ) throws(EntryRejection) -> EntryEffect {
        guard let follower = try? chain.follower(),
            let statements = PeopleStatements(envelopes),
            let row = try? chain.row(.widening(.member, statements), subject: "gw\(node)")
        else { throw .fault(.otherGenesis) }
        var state = follower.state
        let entry = try ChainEntry(row, after: state.head, hashing: WeakHashing())
        return try state.apply(entry, verifier: organisation.verifier)
    }

    @Test func `a permit admits as many nodes as people signed, each once`() throws {
        var chain = try ClusterChain(organisation)
        let permit = try permit()
        for node in [2, 3] {
            try chain.append(.member, try claim(permit, by: node), subject: "gw\(node)")
        }
        var state = try chain.follower().state
        #expect(state.admitted.count == 3)
        #expect(try effect(of: try claim(permit, by: 4), node: 4, in: chain) == .void(.superseded))
        #expect(try effect(of: try claim(permit, by: 3), node: 3, in: chain) == .unchanged)
        // Another permit may follow, and nodes agree on how often each was used.
        try chain.append(
            .member, try claim(try self.permit(2, for: 1), by: 4), subject: "gw4")
        state = try chain.follower().state
        #expect(state.admitted.count == 4 && state.permits.values.sorted() == [1, 2])
        try chain.snapshot(of: state)
        #expect(try chain.follower().status == .following)
    }

    @Test func `a claim that is late, of a known node or under too few people admits no node`()
        throws
    {
        let chain = try ClusterChain(organisation)
        #expect(
            try effect(of: try claim(try permit(until: Self.start), by: 2), node: 2, in: chain)
                == .void(.late))
        let far = Self.start + .seconds(40 * 86_400)
        #expect(
            try effect(of: try claim(try permit(until: far), by: 2), node: 2, in: chain)
                == .void(.late))
        #expect(
            try effect(of: try claim(try permit(), by: 1), node: 1, in: chain)
                == .void(.superseded))
        for people in [[organisation.li], [organisation.li, organisation.ana]] {
            let claim = try claim(try permit(by: people), by: 2)
            guard case .void(.unauthorized) = try effect(of: claim, node: 2, in: chain) else {
                Issue.record("\(people.count) people")
                continue
            }
        }
    }

    @Test func `without the permit's key or the proof of the node a claim is a fault`() throws {
        let chain = try ClusterChain(organisation)
        let permit = try permit()
        let log = ClusterOrganisation.keys(2).log
        var cases = [[permit]]
        for keys in [[Self.key], [log], [Self.key, ClusterOrganisation.keys(3).log]] {
            cases.append(try claim(permit, by: 2, keys: keys))
        }
        cases.append(try claim(permit, by: 2, org: "other"))
        cases.append([permit, try claim(try self.permit(2), by: 2)[1]])
        for envelopes in cases {
            do throws(EntryRejection) {
                let effect = try effect(of: envelopes, node: 2, in: chain)
                Issue.record("\(effect)")
            } catch {
                guard case .fault(.badStatement) = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
        }
    }

    @Test func `a permit and a claim read back in one spelling, within their bounds`() throws {
        let permit = try permit(for: MemberOrder.mostPermitted)
        #expect(try MemberOrder(parsing: permit.payload).canonical() == permit.payload)
        let claim = try claim(permit, by: 2)[1]
        #expect(try MemberClaim(parsing: claim.payload).canonical() == claim.payload)
        for count in [0, MemberOrder.mostPermitted + 1] {
            #expect(throws: FormError.self) { _ = try self.permit(for: count) }
        }
    }
}
