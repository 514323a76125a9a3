import InterlockJSON
import InterlockMCP
import InterlockModel
import Testing

@Suite struct `Sessions` {
    private func owner(_ name: String) throws -> SessionOwner {
        SessionOwner(
            Principal(
                agent: try #require(AgentName(name)),
                run: RunID(milliseconds: 1, random: Array(repeating: 7, count: 10)), purpose: nil,
                onBehalfOf: nil, credential: "c", expires: Timestamp(microseconds: 0)))
    }
    private func at(_ seconds: Int64) -> BootTime { BootTime(microseconds: seconds * 1_000_000) }

    private func use(
        _ table: inout SessionTable, _ id: SessionID, by owner: SessionOwner, now: BootTime
    ) -> LegacySession? { table.use(id, by: owner, now: now) }
    private func end(
        _ table: inout SessionTable, _ id: SessionID, by owner: SessionOwner
    ) -> LegacySession? { table.end(id, by: owner) }
    private func expire(_ table: inout SessionTable, now: BootTime) -> [LegacySession] {
        table.expire(now: now)
    }
    private func begins(
        _ table: inout SessionTable, _ request: RequestID, in id: SessionID
    ) -> SessionTable.Beginning { table.begin(request, in: id) }
    private func opensStream(_ table: inout SessionTable, _ id: SessionID) -> Bool {
        table.openStream(id)
    }

    private func open(
        _ table: inout SessionTable, _ owner: SessionOwner, _ number: UInt8, at seconds: Int64
    ) throws -> (LegacySession, ended: LegacySession?) {
        let opening = table.open(
            for: owner, version: .v2025_06_18, capabilities: [:],
            random: Array(repeating: number, count: 32), now: at(seconds))
        guard case .opened(let session, let ended) = opening else {
            throw InvalidMessage(id: nil, "full")
        }
        return (session, ended)
    }

    @Test func `a session is its owner's alone`() throws {
        var table = SessionTable()
        let (session, _) = try open(&table, try owner("a"), 1, at: 0)
        #expect(session.id.text.utf8.count == 43)
        #expect(use(&table, session.id, by: try owner("b"), now: at(1)) == nil)
        #expect(use(&table, SessionID("other"), by: try owner("a"), now: at(1)) == nil)
        #expect(end(&table, session.id, by: try owner("b")) == nil)
        #expect(use(&table, session.id, by: try owner("a"), now: at(1))?.version == .v2025_06_18)
        #expect(end(&table, session.id, by: try owner("a"))?.id == session.id)
        #expect(use(&table, session.id, by: try owner("a"), now: at(2)) == nil)
        #expect(table.count == 0)
    }

    @Test func `a session ends after half an hour without use, not before and not at work`() throws
    {
        var table = SessionTable()
        let mine = try owner("a")
        let (session, _) = try open(&table, mine, 1, at: 0)
        #expect(use(&table, session.id, by: mine, now: at(1800)) != nil)
        #expect(use(&table, session.id, by: mine, now: at(3601)) == nil)
        let (busy, _) = try open(&table, mine, 2, at: 0)
        #expect(begins(&table, .integer(1), in: busy.id) == .begun)
        #expect(expire(&table, now: at(9000)).map(\.id) == [session.id])
        table.finish(.integer(1), in: busy.id, now: at(9000))
        #expect(expire(&table, now: at(10800)).isEmpty)
        #expect(expire(&table, now: at(10801)).map(\.id) == [busy.id])
    }

    @Test func `the 33rd session ends the owner's oldest idle one, or finds no room`() throws {
        var table = SessionTable()
        let mine = try owner("a")
        let (foreign, _) = try open(&table, try owner("b"), 200, at: 0)
        var ids: [SessionID] = []
        for number in 0..<32 {
            ids.append(try open(&table, mine, UInt8(number), at: Int64(number)).0.id)
        }
        #expect(begins(&table, .integer(1), in: ids[0]) == .begun)
        let opened = try open(&table, mine, 100, at: 50)
        #expect(opened.ended?.id == ids[1])
        for id in ids.dropFirst(2) { #expect(begins(&table, .integer(1), in: id) == .begun) }
        #expect(opensStream(&table, opened.0.id))
        guard
            case .full = table.open(
                for: mine, version: .newest, capabilities: [:],
                random: Array(repeating: 101, count: 32), now: at(60))
        else {
            Issue.record("there was room")
            return
        }
        #expect(use(&table, foreign.id, by: try owner("b"), now: at(60)) != nil)
    }

    @Test func `an id waits once, and one stream stands alone`() throws {
        var table = SessionTable()
        let (session, _) = try open(&table, try owner("a"), 1, at: 0)
        #expect(begins(&table, .integer(1), in: session.id) == .begun)
        #expect(begins(&table, .integer(1), in: session.id) == .duplicate)
        #expect(begins(&table, .string("1"), in: session.id) == .begun)
        table.finish(.integer(1), in: session.id, now: at(1))
        #expect(begins(&table, .integer(1), in: session.id) == .begun)
        #expect(begins(&table, .integer(1), in: SessionID("x")) == .unknown)
        for number in 2..<256 {
            #expect(begins(&table, .integer(Int64(number)), in: session.id) == .begun)
        }
        #expect(begins(&table, .integer(999), in: session.id) == .tooMany)
        #expect(opensStream(&table, session.id))
        #expect(!opensStream(&table, session.id))
        table.closeStream(session.id, now: at(2))
        #expect(opensStream(&table, session.id))
        #expect(!opensStream(&table, SessionID("x")))
    }
}
