import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The weak points of a gateway, as one person sees them.
struct WeakPointTests {
    private func seer(_ roles: Set<Role>, own: Set<AgentName> = []) -> Visibility {
        Visibility(person: People.all["ines"].person, roles: roles, own: own)
    }

    /// - Parameter end: the day until which a credential of the agent `clerk` counts; the clock begins on 2026-11-20.
    private func status(until end: String, _ bench: inout Bench?) throws -> StatusService {
        let made = try Bench(policy: [
            (
                "environment: staging\n",
                "environment: staging\n    credentials: {clerk: {header: A, secret: one, rotate_by: \"\(end)\"}}\n"
            )
        ])
        bench = made
        return StatusService(
            gateway: made.gateway, approvals: made.approvals, alarms: nil,
            sources: HealthSources(
                ends: EndMonitor(made.gateway, people: AuthorizedKeysHolder(nil))))
    }

    @Test func `a credential that ends soon is for those who see its agent`() async throws {
        var bench: Bench?
        let status = try status(until: "2026-11-25", &bench)
        let clerk = try #require(AgentName("clerk"))
        func ends(_ visibility: Visibility) async -> [String] {
            await status.health(for: visibility).weakPoints.filter { $0.kind == .ends }.map(\.words)
        }
        #expect(await ends(seer([.kill])).first?.contains("desk/clerk") == true)
        #expect(await ends(seer([], own: [clerk])).count == 1)
        #expect(await ends(seer([])).isEmpty)
        var later: Bench?
        let other = try self.status(until: "2027-11-25", &later)
        #expect(
            await other.health(for: seer([.security])).weakPoints.allSatisfy { $0.kind != .ends })
    }

    @Test func `a check that needs a person is a weak point, and one that is unknown is none`()
        async throws
    {
        var bench: Bench?
        let status = try status(until: "2027-11-25", &bench)
        let before = await status.health(for: seer([]))
        #expect(before.checks.allSatisfy { $0.state == .unknown && $0.age == nil })
        #expect(before.weakPoints.isEmpty)
        status.sweep()
        var found = before
        for _ in 0..<2000 where found.checks.first(where: { $0.part == .notifications })?.age == nil
        {
            try await Task.sleep(for: .milliseconds(2))
            found = await status.health(for: seer([]))
        }
        let kinds = found.weakPoints.map(\.kind)
        #expect(kinds.contains(.noChannel))
        #expect(found.weakPoints.allSatisfy { !$0.remedy.isEmpty })
    }

    @Test func `a fault is no weak point, and every other state that asks for something is`() {
        func point(_ state: HealthCheck.State, _ part: HealthCheck.Part = .clock) -> WeakPoint? {
            WeakPoint(HealthCheck(part, state, "words", remedy: "Do it.", age: .zero))
        }
        #expect(point(.problem) == nil && point(.unknown) == nil && point(.working) == nil)
        #expect(point(.attention)?.kind == .clock)
        #expect(point(.notSetUp, .witnesses)?.kind == .noWitness)
        #expect(WeakPoint(HealthCheck(.clock, .attention, "words", age: .zero)) == nil)
    }
}
