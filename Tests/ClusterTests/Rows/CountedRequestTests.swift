import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The columns of a request that change without a new body.
struct CountedRequestTests {
    /// A request for two votes and up to two uses.
    private let row = RowSample.request(uses: 2)

    private func result(
        _ world: RowWorld, _ columns: RequestRow.Columns, _ votes: [VoteRow],
        row: RequestRow? = nil
    ) throws -> Result<RequestStatus, RowRejection> {
        let chain = try world.follower()
        let request = try world.verifier.verify(
            StoredRow<RequestRow>(columns, body: try world.body(row ?? self.row)), in: chain)
        let verified = try votes.map { vote in
            try world.verifier.verify(
                StoredRow<VoteRow>(RowSample.columns(of: vote), body: try world.body(vote)),
                in: chain)
        }
        do throws(RowRejection) {
            return .success(try CountedRequest(request, votes: verified, in: chain).status)
        } catch { return .failure(error) }
    }

    private func fault(_ result: Result<RequestStatus, RowRejection>) -> RowFault? {
        if case .failure(let rejection) = result { rejection.fault } else { nil }
    }

    private func columns(
        _ version: Int64, _ status: String, used: Int64 = 0
    ) -> RequestRow.Columns {
        RowSample.columns(of: row, version: version, status: status, used: used)
    }

    private static func use(_ number: Int64) -> NarrowingChange {
        .use(
            GrantUse(
                request: RowSample.request, number: number, call: RowSample.digest,
                intent: RowSample.digest))
    }

    private static let two = [RowSample.vote(), RowSample.vote(by: RowSample.other)]

    @Test func `a request is what its votes, its uses and its end make it`() throws {
        var world = try RowWorld()
        #expect(try result(world, columns(1, "pending"), []) == .success(.pending))
        #expect(try result(world, columns(2, "pending"), [Self.two[0]]) == .success(.pending))
        #expect(try result(world, columns(3, "approved"), Self.two) == .success(.approved))
        try world.chain.append(Self.use(1), node: 2)
        #expect(
            try result(world, columns(4, "approved", used: 1), Self.two) == .success(.approved))
        try world.chain.append(Self.use(2))
        #expect(try result(world, columns(5, "used", used: 2), Self.two) == .success(.used))
    }

    @Test(arguments: RequestStatus.allCases.filter(\.isEnd))
    func `an end comes with an entry`(_ status: RequestStatus) throws {
        var world = try RowWorld()
        let ended = columns(2, status.rawValue)
        #expect(try result(world, ended, []) == .failure(.behind(2)))
        try world.chain.append(.end(RowSample.request))
        #expect(try result(world, ended, []) == .success(status))
        #expect(fault(try result(world, columns(1, "pending"), [])) == .ended)
        #expect(fault(try result(world, columns(3, "approved"), Self.two)) == .ended)
    }

    @Test func `a column that is edited by hand is void`() throws {
        var world = try RowWorld()
        let cases: [(RequestRow.Columns, [VoteRow], String)] = [
            (columns(1, "approved"), [], "state"),
            (columns(3, "approved"), [], "ver"),
            (columns(2, "approved"), [Self.two[0]], "state"),
            (columns(3, "pending"), Self.two, "state"),
            (columns(3, "used"), Self.two, "state"),
            (columns(4, "approved"), Self.two, "ver"),
            (columns(2, "approved"), Self.two, "ver"),
            (columns(1, "denied"), [], "ver"),
            (columns(1, "open"), [], "state"),
            (columns(2, "pending", used: 1), [], "used"),
            (columns(6, "used", used: 3), Self.two, "used"),
            (columns(2, "approved", used: -1), Self.two, "used"),
        ]
        for (columns, votes, name) in cases {
            #expect(fault(try result(world, columns, votes)) == .otherColumn(name), "\(columns)")
        }
        // A grant that was used and is set back.
        try world.chain.append(Self.use(1))
        #expect(
            fault(try result(world, columns(3, "approved"), Self.two)) == .otherColumn("used"))
    }

    @Test func `a use that this node has not read is read first`() throws {
        let world = try RowWorld()
        #expect(
            try result(world, columns(4, "approved", used: 1), Self.two) == .failure(.behind(2)))
    }

    @Test func `votes that the body counts must be there, each by another person`() throws {
        let world = try RowWorld()
        let again = RowSample.request(version: 3, uses: 2, votes: 2)
        let columns = RowSample.columns(of: again, status: "approved")
        #expect(try result(world, columns, Self.two, row: again) == .success(.approved))
        #expect(
            fault(try result(world, columns, [Self.two[0]], row: again))
                == .otherVotes(counted: 2, found: 1))
        #expect(
            fault(try result(world, columns, [Self.two[0], Self.two[0]], row: again))
                == .otherVotes(counted: 2, found: 1))
    }

    @Test func `a vote that was dropped does not count, and stays one of the votes`() throws {
        let world = try RowWorld()
        let third = RowSample.vote(
            by: Pseudonym(text: Base64.encode([UInt8](repeating: 253, count: 16))))
        let row = RowSample.request(version: 3, uses: 2, votes: 1, dropped: [RowSample.person])
        func columns(_ version: Int64, _ status: String) -> RequestRow.Columns {
            RowSample.columns(of: row, version: version, status: status)
        }
        let one = [Self.two[0]]
        #expect(try result(world, columns(3, "pending"), one, row: row) == .success(.pending))
        #expect(
            try result(world, columns(4, "pending"), Self.two, row: row) == .success(.pending))
        #expect(
            fault(try result(world, columns(4, "approved"), Self.two, row: row))
                == .otherColumn("state"))
        #expect(
            try result(world, columns(5, "approved"), Self.two + [third], row: row)
                == .success(.approved))
        #expect(
            fault(try result(world, columns(3, "pending"), [], row: row))
                == .otherVotes(counted: 1, found: 0))
    }

    @Test func `a body that was written after a use says so`() throws {
        var world = try RowWorld()
        let row = RowSample.request(version: 5, uses: 2, votes: 2, used: 1)
        let columns = RowSample.columns(of: row, status: "approved", used: 1)
        #expect(try result(world, columns, Self.two, row: row) == .failure(.behind(2)))
        try world.chain.append(Self.use(1))
        #expect(try result(world, columns, Self.two, row: row) == .success(.approved))
        var earlier = columns
        earlier.used = 0
        #expect(fault(try result(world, earlier, Self.two, row: row)) == .otherColumn("used"))
        try world.chain.append(Self.use(2))
        let last = RowSample.columns(of: row, version: 6, status: "used", used: 2)
        #expect(try result(world, last, Self.two, row: row) == .success(.used))
    }

    @Test func `votes of an earlier revision do not count, and a later one voids the row`() throws {
        let world = try RowWorld()
        let second = RowSample.request(revision: 2, version: 4, uses: 2)
        let columns = RowSample.columns(of: second)
        #expect(try result(world, columns, Self.two, row: second) == .success(.pending))
        let later = [RowSample.vote(revision: 2)]
        #expect(
            fault(try result(world, self.columns(1, "pending"), later)) == .older(1, newest: 2))
    }
}
