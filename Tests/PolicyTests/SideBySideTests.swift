import InterlockCredentials
import InterlockModel
import InterlockPatterns
import InterlockYAML
import InterlockZones
import Testing

@testable import InterlockPolicy

/// Several threads check and compile a policy of many agents; the result must not depend on it.
@Suite struct `Policies compiled side by side` {
    private static let agents = 3 * PolicyCheck.leastAgents + 7

    /// A policy in which every seventh agent has no owner, every eleventh has a guard of its own, and the agent
    /// `broken` has an invalid one.
    private func text(broken: Int? = nil) -> String {
        var lines = """
            interlock: 1
            org: acme
            owners: [dana@acme.example]
            kill_switch: org-wide, tested monthly
            servers: {desk: {tools: {look: {class: read}, find: {class: read}}}}
            forbid: [{id: x, tools: [desk.find], when: "args.deep == true"}]
            waivers: [{lint: W206, at: agents.agent-3, owner: dana@acme.example, until: "2026-12-20", reason: known}]
            agents:

            """
        for number in 0..<Self.agents {
            let own = number % 11 == 0 ? "args.n != 'no-\(number)'" : "args.n != 'x'"
            let guardText = number == broken ? "args.n ==" : own
            lines += """
                  agent-\(number):
                    \(number % 7 == 0 ? "" : "owner: li@acme.example")
                    purpose: Is one of many
                    tier: low
                    stage: trusted
                    review_by: "2027-02-01"
                    mcp_scopes: {desk: [{class: read, when: "\(guardText)"}]}

                """
        }
        return lines
    }

    private func compiled(_ text: String, by workers: any Workers) throws -> PolicySnapshot {
        let document = try #require(PolicyReader.read(policyFiles(text)).document)
        return try PolicySnapshot(
            compiling: document,
            with: PolicyEngines(patterns: RE2Compiler(), zones: SystemZones(), workers: workers),
            at: exampleTime, hashing: OpenSSLHashing())
    }

    @Test func `one worker and many find and decide the same`() throws {
        let one = try compiled(text(), by: OneWorker())
        let many = try compiled(text(), by: OneThreadPerProcessor())
        #expect(one.digest == many.digest)
        #expect(one.findings == many.findings)
        #expect(one.findings.count { $0.code == .noOwner } == (Self.agents + 6) / 7)
        #expect(one.findings.count { $0.code == .negatedTest } == Self.agents)
        #expect(one.findings.filter(\.waived).map(\.path) == ["agents.agent-3.mcp_scopes.desk[0]"])
        for number in stride(from: 0, to: Self.agents, by: 13) {
            for call in ["desk.look", "desk.find"] {
                let agent = "agent-\(number)"
                #expect(try one.decision(agent, call) == many.decision(agent, call))
            }
        }
    }

    @Test func `a broken guard of one agent silences what the guards of all others mean`() throws {
        let broken = text(broken: Self.agents - 2)
        for workers in [OneWorker(), OneThreadPerProcessor()] as [any Workers] {
            #expect {
                try compiled(broken, by: workers)
            } throws: { error in
                (error as? PolicyRefusal)?.findings.map(\.code) == [.guardSyntax]
            }
        }
    }
}
