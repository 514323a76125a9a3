import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The keys that count for a row, and the statements that they sign.
struct RowVerifierTests {
    private func fault(
        _ row: RowCase, _ world: RowWorld, _ body: [UInt8], _ keys: StoreKeys? = nil
    ) throws -> RowFault? {
        try row.rejection(world, body, nil, keys)?.fault
    }

    @Test(arguments: RowCase.all)
    func `a row of another organisation is void`(_ row: RowCase) throws {
        let world = try RowWorld()
        #expect(try fault(row, world, try row.body(world, 1, "other")) == .otherOrganisation)
    }

    @Test(arguments: RowCase.all)
    func `a row of a node that is no member is void`(_ row: RowCase) throws {
        let world = try RowWorld()
        let body = try row.body(world, 3, "acme")
        #expect(try fault(row, world, body) == .notMember(ClusterOrganisation.name(3)))
    }

    @Test(arguments: RowCase.all)
    func `a row that another key signed is void`(_ row: RowCase) throws {
        let world = try RowWorld()
        let keys = ClusterOrganisation.keys(1)
        let others = [
            keys.token, keys.witness, ClusterOrganisation.keys(2).log,
            world.chain.organisation.li.keys[0].key,
        ]
        for key in others {
            #expect(try fault(row, world, try row.otherBody(world, nil, key, nil)) == .badSignature)
        }
        #expect(try fault(row, world, try row.otherBody(world, nil, keys.log, nil)) == nil)
    }

    @Test(arguments: RowCase.all)
    func `a row of a node that has been retired is void`(_ row: RowCase) throws {
        var world = try RowWorld()
        let body = try row.body(world, 1, "acme")
        #expect(try fault(row, world, body) == nil)
        let organisation = world.chain.organisation
        try world.chain.append(
            .member, try organisation.retirement(2, of: 1), subject: "gw1", node: 2)
        #expect(try fault(row, world, body) == .retired(ClusterOrganisation.name(1)))
    }

    @Test func `a row of a node whose admission was not read yet waits for it`() throws {
        let world = try RowWorld()
        var later = world
        let organisation = world.chain.organisation
        try later.chain.append(.member, try organisation.admission(3, of: 3), subject: "gw3")
        let row = RowSample.vote()
        let stored = StoredRow<VoteRow>(
            RowSample.columns(of: row, node: "gw3"), body: try later.body(row, node: 3))
        #expect(try later.rejection(stored) == nil)
        #expect(try world.rejection(stored) == .behind(2))
    }

    @Test func `a row of a node with another chain is void`() throws {
        let world = try RowWorld()
        let row = RowCase.all[0]
        let other = ChainHead(number: 1, digest: RowSample.digest)
        #expect(
            try fault(row, world, try row.otherBody(world, other, nil, nil)) == .otherChain(1))
        // An entry that this node has not applied says nothing of its chain.
        let further = ChainHead(number: 9, digest: RowSample.digest)
        #expect(try fault(row, world, try row.otherBody(world, further, nil, nil)) == nil)
    }

    @Test func `a statement that was sealed for another row is void`() throws {
        let world = try RowWorld()
        let row = RowSample.vote()
        let other = RowSample.vote(by: RowSample.other)
        let stored = StoredRow<VoteRow>(
            RowSample.columns(of: other), body: try world.otherBody(row, for: other.address))
        #expect(try world.rejection(stored)?.fault == .otherRow(row.address))
    }

    @Test func `the signature of another kind of statement is void`() throws {
        let world = try RowWorld()
        let row = RowSample.vote()
        for type in PayloadType.allCases {
            let stored = StoredRow<VoteRow>(
                RowSample.columns(of: row), body: try world.otherBody(row, as: type))
            let fault = try world.rejection(stored)?.fault
            #expect(fault == (type == .row ? nil : .badSignature), "\(type)")
        }
    }

    @Test(arguments: RowCase.all)
    func `while keys are changed rows of both open, and afterwards those of one`(
        _ row: RowCase
    ) throws {
        let world = try RowWorld()
        let (old, both, new) = (RowWorld.keys(1), RowWorld.keys(2, opening: 1), RowWorld.keys(2))
        let before = try row.otherBody(world, nil, nil, old)
        let after = try row.otherBody(world, nil, nil, both)
        #expect(try fault(row, world, before, both) == nil)
        #expect(try fault(row, world, after, both) == nil)
        #expect(try fault(row, world, after, new) == nil)
        #expect(try fault(row, world, before, new) == .unknownKey(RowWorld.cipher(1).id))
        #expect(try fault(row, world, after, old) == .unknownKey(RowWorld.cipher(2).id))
        // Nodes that do not seal with the new key yet already open what others seal with it.
        #expect(try fault(row, world, after, RowWorld.keys(1, opening: 2)) == nil)
    }

    @Test func `a void row says which one it is and why`() throws {
        let world = try RowWorld()
        let row = RowSample.vote()
        var columns = RowSample.columns(of: row)
        columns.leaf = 8
        let stored = StoredRow<VoteRow>(columns, body: try world.body(row))
        guard case .void(let void) = try world.rejection(stored) else {
            Issue.record("the row is void")
            return
        }
        #expect(void == VoidRow(row.address, .otherColumn("leaf")))
        #expect(
            void.description == "row void: vote \(RowSample.request)/\(RowSample.person), "
                + "revision 1: the store has another `leaf` than the nodes signed")
    }

    @Test func `a session is live until its time, its column or an entry ends it`() throws {
        var world = try RowWorld()
        let row = RowSample.session()
        let body = try world.body(row)
        func isLive(_ isEnded: Bool, _ now: Timestamp = ClusterOrganisation.start) throws -> Bool {
            let chain = try world.follower()
            let verified = try world.verifier.verify(
                StoredRow<SessionRow>(RowSample.columns(of: row, isEnded: isEnded), body: body),
                in: chain)
            return verified.isLive(at: now, in: chain.state)
        }
        #expect(try isLive(false))
        #expect(try !isLive(true))
        #expect(try !isLive(false, RowSample.ends))
        try world.chain.append(.tokenEnd(row.tokenEnd), node: 2)
        #expect(try !isLive(false), "set back by hand")
    }

    @Test func `a row that ended says the version after its body`() throws {
        let world = try RowWorld()
        let row = RowSample.waiting()
        let body = try world.body(row)
        for (status, version, isFine) in [
            ("waiting", 2, true), ("complete", 3, true), ("ended", 3, true), ("complete", 2, false),
            ("ended", 4, false),
        ] as [(String, Int64, Bool)] {
            let columns = RowSample.columns(of: row, version: version, status: status, node: "gw1")
            let stored = StoredRow<WaitingRow>(columns, body: body)
            #expect((try world.rejection(stored) == nil) == isFine, "\(status) \(version)")
            guard isFine else { continue }
            let verified = try world.verifier.verify(stored, in: try world.follower())
            #expect(verified.isWaiting(at: ClusterOrganisation.start) == (status == "waiting"))
            #expect(!verified.isWaiting(at: RowSample.ends))
        }
    }
}
