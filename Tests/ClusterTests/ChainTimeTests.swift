import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The times that nodes state in their entries: what one of them that is wrong, or hostile, cannot do with them.
@Suite struct ChainTimeTests {
    private static let start = ClusterOrganisation.start
    private let server = ServerName("crm").unwrapped
    private let elevation = ElevationID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
    private let years = Duration.seconds(10 * 365 * 86_400)

    private func end(_ number: UInt8) -> NarrowingChange {
        .end(ClusterOrganisation.request(number))
    }

    /// A chain of two nodes, of which the first has stated a time 200 s after the start.
    private func made(
        _ changes: [(statement: Int, OrderedChange)] = []
    ) throws -> ClusterChain {
        var chain = try ClusterChain(ClusterOrganisation(changes))
        let admission = try chain.organisation.admission(1, of: 2)
        try chain.append(.member, admission, subject: "gw2")
        chain.pass(.seconds(200))
        try chain.append(end(1))
        return chain
    }

    private func elevate(_ chain: inout ClusterChain, at time: Timestamp? = nil) throws -> Bool {
        try chain.append(
            .elevation, [chain.organisation.statement(1)], subject: elevation.text, node: 2,
            at: time)
        return try !chain.follower().state.elevations.isEmpty
    }

    @Test func `the time of the chain is the latest that two nodes have stated`() throws {
        var chain = try made()
        let before = try chain.follower().state.clock.time
        #expect(before == Self.start + .seconds(1), "while there was one node")
        try chain.append(end(2), node: 2, at: Self.start + .seconds(150))
        #expect(try chain.follower().state.clock.time == Self.start + .seconds(150))
        try chain.append(end(3), node: 2, at: chain.now + years)
        let first = try #require(
            try chain.follower().state.clock.stated[ClusterOrganisation.name(1)])
        #expect(
            try chain.follower().state.clock.time == first, "one node alone moves it to its own")
        try chain.append(end(4), node: 2, at: Self.start)
        #expect(try chain.follower().state.clock.time == first, "it never goes back")
    }

    @Test func `what a retired node stated is forgotten`() throws {
        var chain = try made()
        try chain.append(end(2), node: 2, at: chain.now + years)
        let retirement = try chain.organisation.retirement(2, of: 2)
        try chain.append(.member, retirement, subject: "gw2")
        let last = chain.now
        try chain.append(end(3))
        let clock = try chain.follower().state.clock
        #expect(clock.time == last && clock.stated.count == 1)
    }

    @Test func `an entry that is backdated is judged by the time of the chain`() throws {
        let until = Self.start + .seconds(100)
        var chain = try made([(1, .elevation(elevation, until: until))])
        try chain.append(end(2), node: 2)
        let counted = try elevate(&chain, at: Self.start + .seconds(50))
        #expect(!counted)
        // Two nodes have not stated a time after its end: nothing shows that the entry is late.
        var young = try made([(1, .elevation(elevation, until: until))])
        let isCounted = try elevate(&young, at: Self.start + .seconds(50))
        #expect(isCounted)
    }

    @Test func `a time of the far future makes no later entry late`() throws {
        let until = Self.start + .seconds(3600)
        var chain = try made([(1, .elevation(elevation, until: until))])
        try chain.append(end(2), node: 2, at: chain.now + years)
        let isCounted = try elevate(&chain)
        #expect(isCounted)
    }

    @Test(arguments: [true, false])
    func `a key that expired signs no release that is backdated to before its end`(
        _ isPast: Bool
    ) throws {
        let base = ClusterOrganisation()
        let key = EnrolledKey(
            key: base.sam.keys[0].key, added: Self.start, founding: true,
            expires: Self.start + .seconds(100))
        let sam = TrustedPerson(
            person: base.sam.person, pseudonym: base.sam.pseudonym, roles: base.sam.roles,
            keys: [key])
        let people = try base.people([base.li, sam, base.ana])
        var chain = try made([(1, .people(people, sam.pseudonym))])
        try chain.append(.person, [base.statement(1)], subject: sam.pseudonym.text)
        let halt = chain.next
        try chain.append(.halt(try base.halt(1)))
        // The second node states a time after the end of the key, or does not.
        if isPast { try chain.append(end(2), node: 2) }
        try chain.append(
            .release, [try base.release(5, of: [1], after: halt)],
            subject: ClusterOrganisation.orderID(5).text, node: 2, at: Self.start + .seconds(50))
        #expect(try chain.follower().state.halts.active.count == (isPast ? 1 : 0))
    }

    @Test func `a restriction of the far future can be ended once two nodes have passed it`()
        throws
    {
        let signed = Self.start + .seconds(1000)
        var chain = try made([(1, .quarantineEnd(server, signed: signed))])
        try chain.append(.quarantine(server), node: 2, at: chain.now + years)
        let statement = [chain.organisation.statement(1)]
        try chain.append(.quarantineEnd, statement, subject: server.text)
        try chain.append(end(2))
        try chain.append(.quarantineEnd, statement, subject: server.text)
        #expect(try chain.follower().state.quarantines.count == 1, "one node has passed it")
        try chain.append(end(3), node: 2)
        let since = try #require(try chain.follower().state.quarantines[server]?.at)
        #expect(since <= chain.now && since > Self.start + .seconds(200))
        try chain.append(.quarantineEnd, statement, subject: server.text)
        #expect(try chain.follower().state.quarantines.isEmpty)
    }

    @Test func `one node alone brings no restriction before an end that was signed for another`()
        throws
    {
        let signed = Self.start + .seconds(100)
        var chain = try made([(1, .quarantineEnd(server, signed: signed))])
        try chain.append(.quarantine(server))
        for number: UInt8 in 2...4 {
            try chain.append(end(number), node: 2, at: Self.start + .seconds(50))
        }
        try chain.append(end(5))
        try chain.append(
            .quarantineEnd, [chain.organisation.statement(1)], subject: server.text, node: 2,
            at: Self.start + .seconds(50))
        #expect(try chain.follower().state.quarantines.count == 1)
    }

    @Test func `a request that began after the snapshot's time stays known as ended`() {
        let late = ClusterOrganisation.request(1, begun: .seconds(10))
        let early = ClusterOrganisation.request(2, begun: .seconds(-10))
        var uses = RequestUses()
        for request in [late, early] { _ = uses.end(request, at: 1) }
        uses.drop(endedBefore: 5, begunBefore: Self.start)
        #expect(uses.requests.keys.sorted { $0.text < $1.text } == [late])
        #expect(uses.isEnded(late) && uses.isEnded(early))
    }
}
