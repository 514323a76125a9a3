import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Rows that the store sets back to what was there before.
struct RowVersionsTests {
    private func waiting(
        _ world: RowWorld, version: Int64, status: String = "waiting", signatures: Int64 = 1
    ) throws -> VerifiedRow<WaitingRow> {
        let row = RowSample.waiting(version: version, signatures: signatures)
        let shown = status == "waiting" ? version : version + 1
        return try world.verifier.verify(
            StoredRow<WaitingRow>(
                RowSample.columns(of: row, version: shown, status: status),
                body: try world.body(row)), in: try world.follower())
    }

    private func request(_ world: RowWorld, _ row: RequestRow) throws -> CountedRequest {
        let chain = try world.follower()
        let verified = try world.verifier.verify(
            StoredRow<RequestRow>(RowSample.columns(of: row), body: try world.body(row)),
            in: chain)
        return try CountedRequest(verified, votes: [], in: chain)
    }

    private func session(_ world: RowWorld, isEnded: Bool) throws -> VerifiedRow<SessionRow> {
        let row = RowSample.session()
        return try world.verifier.verify(
            StoredRow<SessionRow>(
                RowSample.columns(of: row, isEnded: isEnded), body: try world.body(row)),
            in: try world.follower())
    }

    private func fault(_ body: () throws -> Void) -> RowFault? {
        do {
            try body()
            return nil
        } catch { return (error as? VoidRow)?.fault }
    }

    @Test func `a row that is replayed is void at a node that has read a newer one`() throws {
        let world = try RowWorld()
        var versions = RowVersions()
        let first = try waiting(world, version: 1)
        let second = try waiting(world, version: 2)
        try versions.note(first)
        try versions.note(second)
        try versions.note(second)
        #expect(fault { try versions.note(first) } == .older(1, newest: 2))
        // A row that was complete does not wait again.
        try versions.note(try waiting(world, version: 2, status: "complete"))
        #expect(fault { try versions.note(second) } == .older(2, newest: 3))
    }

    @Test func `a request is not set back to an earlier review`() throws {
        let world = try RowWorld()
        var versions = RowVersions()
        let first = try request(world, RowSample.request())
        try versions.note(first)
        try versions.note(try request(world, RowSample.request(revision: 2, version: 2)))
        #expect(fault { try versions.note(first) } == .older(1, newest: 2))
    }

    @Test func `there is one body of each version`() throws {
        let world = try RowWorld()
        var versions = RowVersions()
        try versions.note(try waiting(world, version: 1, signatures: 1))
        let other = try waiting(world, version: 1, signatures: 2)
        #expect(fault { try versions.note(other) } == .otherBody(version: 1))
    }

    @Test func `a session that ended does not begin again`() throws {
        let world = try RowWorld()
        var versions = RowVersions()
        try versions.note(try session(world, isEnded: false))
        try versions.note(try session(world, isEnded: true))
        #expect(fault { try versions.note(try session(world, isEnded: false)) } == .ended)
    }

    @Test func `of too many rows those that were noted longest ago are forgotten`() throws {
        let world = try RowWorld()
        var versions = RowVersions(most: 4)
        try versions.note(try session(world, isEnded: true))
        for number in 1...20 {
            versions.end(RowAddress(.session, "\(number)"))
            #expect(versions.count <= 4)
        }
        try versions.note(try session(world, isEnded: false))
    }
}
