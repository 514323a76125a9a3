import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The order of people in the first entry.
@Suite struct FoundingOrderTests {
    private let organisation = ClusterOrganisation()

    /// The state of a chain whose first entry has an order of these people.
    private func state(
        by people: [TrustedPerson], over other: Genesis? = nil, hasStandby: Bool = true
    ) throws -> ChainState {
        let genesis = Genesis(
            people: try organisation.people(), node: ClusterOrganisation.keys(1), revision: nil,
            hasStandby: true)
        let order = try MemberOrder(
            id: ClusterOrganisation.orderID(1), org: "acme",
            change: .found(
                genesis.node, genesis: try (other ?? genesis).digest(hashing: WeakHashing()),
                hasStandby: hasStandby), reason: "the first node",
            authors: people.map(\.pseudonym))
        let envelope = organisation.sign(.member, try order.canonical(), by: people)
        let content = Genesis(
            people: genesis.people, node: genesis.node, revision: nil, hasStandby: true,
            order: envelope)
        let row = try ClusterChain(organisation).firstRow(.genesis(content))
        let entry = try ChainEntry(row, after: nil, hashing: WeakHashing())
        #expect(entry.statement.content == .genesis(content))
        return try ChainState(
            first: entry, genesis: entry.digest, verifier: organisation.verifier)
    }

    @Test func `two people found a cluster, and their order names what it starts from`() throws {
        let people = [organisation.li, organisation.sam]
        #expect(try state(by: people).admitted == [ClusterOrganisation.name(1)])
        let other = Genesis(
            people: try organisation.people(), node: ClusterOrganisation.keys(1),
            revision: WeakHashing().sha256([1]), hasStandby: true)
        #expect(throws: EntryRejection.self) { try state(by: people, over: other) }
        #expect(throws: EntryRejection.self) { try state(by: people, hasStandby: false) }
        for few in [[organisation.li], [organisation.li, organisation.ana]] {
            #expect(throws: EntryRejection.self) { try state(by: few) }
        }
    }

    @Test func `an order that founds changes nothing in a later entry`() throws {
        var chain = try ClusterChain(organisation)
        let order = try MemberOrder(
            id: ClusterOrganisation.orderID(1), org: "acme",
            change: .found(
                ClusterOrganisation.keys(2), genesis: WeakHashing().sha256([1]), hasStandby: true),
            reason: "another cluster",
            authors: [organisation.li, organisation.sam].map(\.pseudonym))
        let payload = try order.canonical()
        #expect(try MemberOrder(parsing: payload) == order)
        try chain.append(
            .member,
            [organisation.sign(.member, payload, by: [organisation.li, organisation.sam])],
            subject: "gw2")
        let follower = try chain.follower()
        #expect(follower.status == .following && follower.state.admitted.count == 1)
    }
}
