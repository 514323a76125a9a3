import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockGatewayBench
@testable import InterlockHookDecisions

/// The table of open sessions, by its states.
@Suite struct HostSessionTableTests {
    private let now = BootTime(microseconds: 1_000_000)

    private func session(_ name: String, _ number: UInt8 = 1) throws -> HostSession {
        let agent = try #require(AgentName("clerk"))
        let run = RunID(milliseconds: 0, random: [UInt8](repeating: number, count: 10))
        return HostSession(
            HostSession.Key(HookBench.event(session: name), of: agent),
            RunContext(run: run, agent: agent, subject: nil),
            IssuedToken(
                token: "t", id: "i", run: run, expires: Timestamp(microseconds: 1))
        ) { nil }
    }

    @Test func `a run ends after the last of its events is answered`() throws {
        var table = HostSessionTable()
        let made = try session("s")
        #expect(table.enter(made.key, at: now) { made } === made)
        #expect(table.enter(made.key, at: now) { nil } === made)
        table.leave(made, at: now, isLast: true)
        // Another event of it is being answered, and a new one begins another run.
        #expect(table.takeEnds(at: now).isEmpty && !table.has(made.key))
        let next = try session("s", 2)
        #expect(table.enter(made.key, at: now) { next } === next)
        table.leave(made, at: now, isLast: false)
        let ends = table.takeEnds(at: now)
        #expect(ends.map(\.run.run) == [made.run.run] && ends.map(\.end) == [.ended])
        #expect(table.takeEnds(at: now).isEmpty)
        table.settle(made.run.run, isRecorded: true)
        #expect(table.count == 1 && table.has(next.key))
    }

    @Test func `an end that is not recorded is given again, and to one at a time`() throws {
        var table = HostSessionTable()
        let made = try session("s")
        _ = table.enter(made.key, at: now) { made }
        table.leave(made, at: now, isLast: true)
        #expect(table.takeEnds(at: now, only: made.run.run).count == 1)
        #expect(table.takeEnds(at: now).isEmpty)
        table.settle(made.run.run, isRecorded: false)
        #expect(table.takeEnds(at: now).map(\.end) == [.ended])
    }

    @Test func `a session in use is not idle, and one that lasts too long ends`() throws {
        var table = HostSessionTable()
        let made = try session("s")
        _ = table.enter(made.key, at: now) { made }
        let later = now + HostSessionTable.idle + .seconds(1)
        #expect(table.takeEnds(at: later).isEmpty)
        table.leave(made, at: later, isLast: false)
        #expect(table.takeEnds(at: later).isEmpty)
        var time = later
        while time < now + HostSessionTable.longest {
            time = time + HostSessionTable.idle
            _ = table.enter(made.key, at: time) { nil }
            table.leave(made, at: time, isLast: false)
        }
        #expect(table.takeEnds(at: time + .seconds(1)).map(\.end) == [.idle])
    }

    @Test func `an event that names no session keeps none open`() throws {
        var table = HostSessionTable()
        let made = try session("s")
        _ = table.enter(made.key, at: now) { made }
        table.leave(made, at: now, isLast: false)
        let later = now + HostSessionTable.idle + .seconds(1)
        let entered = table.enterAll(of: made.key.agent)
        #expect(entered.count == 1)
        #expect(table.takeEnds(at: later).isEmpty)
        table.leave(made, at: later, isLast: false, isOwn: false)
        #expect(table.takeEnds(at: later).map(\.end) == [.idle])
    }

    @Test func `a session that never began leaves nothing`() throws {
        var table = HostSessionTable()
        let made = try session("s")
        _ = table.enter(made.key, at: now) { made }
        table.drop(made)
        let next = try session("s", 2)
        _ = table.enter(next.key, at: now) { next }
        table.drop(made)
        #expect(table.count == 1 && table.has(next.key))
    }
}
