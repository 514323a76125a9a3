import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The verdicts that an agent's page and `status AGENT` show, against those that the gateway decides.
@Suite(.requirement("R154")) struct AgentRightTests {
    private static let guards = [
        "args.n <= 5", "args.n > 3", "has(args.n)", "agent.stage == 'trusted'",
        "args.n in [4, 7]", "!has(args.n) || args.n >= 7",
    ]
    private static let written =
        #"desk: [look, report, {tool: audit, when: "false"}, note, mail, pay, nuke]"#

    private func page(of bench: Bench, _ agent: AgentName) async throws -> AgentDetail {
        try #require(
            await bench.agentQueries.agent(agent, for: bench.visibility(of: "eve")))
    }

    private func change(_ random: inout SeededGenerator) -> [(String, String)] {
        func condition() -> String { Self.guards.randomElement(using: &random) ?? "true" }
        let grants = ["look", "report", "note", "mail", "pay"].compactMap { tool -> String? in
            switch Int.random(in: 0..<4, using: &random) {
            case 0: nil
            case 1: tool
            default: "{tool: \(tool), when: \"\(condition())\"}"
            }
        }
        let rules =
            "forbid:\n  - {id: cap, tools: [desk.*], classes: [\(Bool.random(using: &random) ? "read" : "write")], when: \"\(condition())\"}\n"
            + "effects:\n  - {id: more, tools: [desk.*], add: production, when: \"\(condition())\"}\n"
        return [
            (Self.written, "desk: [\(grants.joined(separator: ", "))]"),
            ("forbid:\n", rules + "forbidden:\n"),
            ("forbidden:\n  - {id: no-nuke, tools: [desk.nuke]}\n", ""),
        ]
    }

    @Test
    func `a tool of an elevation of the store is shown with its verdict while it is in force`()
        async throws
    {
        let bench = try Bench()
        _ = try await Client.open(bench)
        let clerk = try #require(AgentName("clerk"))
        let now = bench.clock.now.wall
        let before = try await page(of: bench, clerk)
        #expect(!before.rights.contains { $0.right.address.tool.text == "secret" })
        bench.gateway.elevations.replace(with: [
            StoreElevation(
                id: "up1", agent: clerk,
                grants: ["desk": [["tool": "secret", "when": "args.n == 1"]]], from: now,
                until: now + .seconds(60))
        ])
        let during = try await page(of: bench, clerk)
        let secret = try #require(
            during.rights.first { $0.right.address.tool.text == "secret" }?.right)
        #expect(secret.verdicts == [.allow] && secret.guards == ["args.n == 1"])
    }

    @Test func `a held agent is shown at observe, with what holds it`() async throws {
        let bench = try Bench(policy: [("    owner: li@acme.example\n", "")])
        _ = try await Client.open(bench)
        let detail = try await page(of: bench, try #require(AgentName("clerk")))
        #expect(detail.line.stage == .observe && detail.terms.held == ["L101"])
        #expect(detail.rights.allSatisfy { $0.right.verdicts.isEmpty })
        #expect(detail.rights.first?.right.easiest?.reason == .incomplete)
        #expect(detail.worstCase?.rows.isEmpty == false)
    }

    @Test func `the page shows exactly the verdicts that calls receive, over random policies`()
        async throws
    {
        var random = SeededGenerator.announced()
        var conditional = 0
        for round in 0..<40 {
            let stage = round % 4
            let bench = try Bench(policy: change(&random), stage: stage)
            _ = try await Client.open(bench)
            let clerk = try #require(AgentName("clerk"))
            let detail = try await page(of: bench, clerk)
            let terms = try #require(bench.gateway.terms(of: clerk, in: bench.policy))
            #expect(detail.terms == terms && detail.line.stage == terms.stage)
            #expect(terms.stage == (stage < 2 ? .supervised : .trusted))
            #expect(terms.quotaPercent == Int64(stage + 1) * 25)
            for (right, _) in detail.rights {
                var received: Set<Verdict> = []
                for arguments in [JSONValue.object([:])] + (0..<10).map({ ["n": .integer($0)] }) {
                    var facts = DecisionFacts(counters: [:])
                    facts.put(under: terms)
                    let decision = bench.policy.decide(
                        DecisionRequest(
                            agent: clerk, address: right.address, arguments: arguments),
                        facts: facts, now: bench.clock.now.wall)
                    if decision.verdict != .deny { received.insert(decision.verdict) }
                }
                #expect(Set(right.verdicts) == received, "round \(round), \(right.address)")
                conditional += right.cases.count { !$0.conditions.isEmpty }
            }
        }
        #expect(conditional > 20)
    }
}
