import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockTransport

/// The choice of an agent's session for a call (docs/specs/mcp.md, section 5.3).
struct AgentSessionsTests {
    private final class NoSession: UpstreamSession {
        func call(_ call: UpstreamCall) async -> UpstreamResponse {
            .failed(.notExecuted, reason: "none")
        }
        func list() async -> Result<ListedOffers, UpstreamFailure> { .success(ListedOffers()) }
        func follow(_ listener: ResourceUpdateListener) async {}
        func listen() async {}
        func endChild(_ ending: EndingChildren) {}
        func close() async {}
    }

    private func key(_ capability: String?) throws -> SessionKey {
        SessionKey(agent: try Names.agent(), declared: capability.map { [$0: [:]] } ?? [:])
    }

    private func take(
        _ capability: String?, from sessions: inout AgentSessions
    ) throws -> AgentSessions.Taken {
        let key = try key(capability)
        return sessions.take(key) { NoSession() }
    }

    private func holds(_ sessions: AgentSessions, _ session: (any UpstreamSession)?) -> Bool {
        sessions.all.contains { $0 === session }
    }

    @Test func `the one that is evicted leaves the table, and is made anew`() throws {
        var sessions = AgentSessions()
        var taken: [any UpstreamSession] = []
        for name in ["a", "b", "c", "d"] {
            let session = try #require(try take(name, from: &sessions).session)
            taken.append(session)
            sessions.giveBack(session, try key(name))
        }
        let plain = try take(nil, from: &sessions)
        #expect(plain.unused == nil, "the session that declares nothing has its own place")
        let fifth = try take("e", from: &sessions)
        #expect(fifth.unused === taken[0], "the one that is idle for longest")
        #expect(!holds(sessions, taken[0]))
        #expect(sessions.all.count == 5)
        let again = try take("a", from: &sessions)
        #expect(again.session !== taken[0])
        #expect(again.unused === taken[1])
    }

    @Test func `a call of a session that was closed meanwhile ends no other one's`() throws {
        var sessions = AgentSessions()
        let closed = try #require(try take("a", from: &sessions).session)
        sessions = AgentSessions()
        let busy = try take("a", from: &sessions).session
        sessions.giveBack(closed, try key("a"))
        for name in ["b", "c", "d"] {
            let session = try #require(try take(name, from: &sessions).session)
            sessions.giveBack(session, try key(name))
        }
        #expect(try take("e", from: &sessions).unused !== busy)
        #expect(holds(sessions, busy))
    }

    @Test func `one with a call under way stays; where all have, there is none`() throws {
        var sessions = AgentSessions()
        let busy = try take("a", from: &sessions).session
        for name in ["b", "c", "d"] {
            let session = try #require(try take(name, from: &sessions).session)
            sessions.giveBack(session, try key(name))
        }
        #expect(try take("e", from: &sessions).unused != nil)
        #expect(holds(sessions, busy))
        for name in ["c", "d"] { _ = try take(name, from: &sessions) }
        #expect(try take("f", from: &sessions).session == nil)
    }
}
