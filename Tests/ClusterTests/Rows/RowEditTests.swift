import InterlockTesting
import Testing

@testable import InterlockCluster

/// Edits of the database's owner: each column, each byte of a body, and bodies of other rows.
struct RowEditTests {
    @Test(arguments: RowCase.all)
    func `a row reads back as its node wrote it`(_ row: RowCase) throws {
        let world = try RowWorld.unchanging()
        let body = try row.body(world, 1, "acme")
        #expect(try row.rejection(world, body, nil, nil) == nil)
        #expect(try row.readsBack(world, body))
        #expect(body.count <= row.table.bodyLimit)
    }

    @Test(arguments: RowCase.all)
    func `a row with another value in any column is void`(_ row: RowCase) throws {
        let world = try RowWorld.unchanging()
        let body = try row.body(world, 1, "acme")
        for (place, name) in row.edits.enumerated() {
            #expect(try row.rejection(world, body, place, nil)?.fault != nil, "\(name)")
        }
    }

    @Test(arguments: RowCase.all)
    func `a body with any other byte is void`(_ row: RowCase) throws {
        var chance = SeededGenerator.announced()
        let world = try RowWorld.unchanging()
        let body = try row.body(world, 1, "acme")
        for place in body.indices {
            var edited = body
            edited[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
            let fault = try row.rejection(world, edited, nil, nil)?.fault
            switch place {
            case 0: #expect(fault == .malformedSeal)
            case 1...StoreKeyID.count:
                let isUnknown = if case .unknownKey = fault { true } else { false }
                #expect(isUnknown, "byte \(place)")
            default: #expect(fault == .wrongSeal, "byte \(place)")
            }
        }
    }

    @Test(arguments: RowCase.all)
    func `a body that is cut or lengthened is void`(_ row: RowCase) throws {
        let world = try RowWorld.unchanging()
        let body = try row.body(world, 1, "acme")
        for count in 0..<body.count {
            let fault = try row.rejection(world, Array(body.prefix(count)), nil, nil)?.fault
            #expect(fault == (count < StoreKeys.overhead ? .malformedSeal : .wrongSeal))
        }
        #expect(try row.rejection(world, body + [0], nil, nil)?.fault == .wrongSeal)
        let large = body + [UInt8](repeating: 0, count: row.table.bodyLimit)
        #expect(try row.rejection(world, large, nil, nil)?.fault == .tooLarge(large.count))
    }

    @Test func `a body opens in no other row`() throws {
        let world = try RowWorld.unchanging()
        let bodies = try RowCase.all.map { try $0.body(world, 1, "acme") }
        for (own, row) in RowCase.all.enumerated() {
            for (other, body) in bodies.enumerated() where other != own {
                // Both challenges of the tests are of one row.
                let isSameRow =
                    row.table == .challenge && RowCase.all[other].table == .challenge
                let rejection = try row.rejection(world, body, nil, nil)
                #expect(
                    isSameRow ? rejection == nil : rejection?.fault != nil,
                    "\(RowCase.all[other].name) in \(row.name)")
            }
        }
    }

    @Test func `a body of an older revision is void in the newer one, and the reverse`() throws {
        let world = try RowWorld.unchanging()
        let first = RowSample.request()
        let second = RowSample.request(revision: 2, version: 2)
        let older = try world.body(first)
        let newer = try world.body(second)
        func fault(_ row: RequestRow, _ body: [UInt8]) throws -> RowFault? {
            try world.rejection(StoredRow<RequestRow>(RowSample.columns(of: row), body: body))?
                .fault
        }
        #expect(try fault(second, newer) == nil)
        #expect(try fault(second, older) == .wrongSeal)
        #expect(try fault(first, newer) == .wrongSeal)
        // The body of an earlier version of one revision.
        let again = RowSample.request(version: 3, amount: 1)
        #expect(try fault(again, try world.body(again)) == nil)
        #expect(try fault(again, older) == nil, "its votes and uses say which version it has")
    }
}
