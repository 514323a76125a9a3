import InterlockModel
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// The reach of many agents at once says what the worst case of each says.
struct ReachMakerTests {
    private func facts(_ policy: PolicySnapshot) -> [AgentName: ReachMaker.Facts] {
        policy.agents.mapValues { _ in ReachMaker.Facts(trust: .asWritten, elevations: []) }
    }

    private func compare(_ policy: PolicySnapshot, _ maker: ReachMaker) throws -> Set<Verdict> {
        var verdicts: Set<Verdict> = []
        let found = maker.reach(of: facts(policy), at: exampleTime)
        #expect(Set(found.keys) == Set(policy.agents.keys))
        for (name, reach) in found {
            let worst = try #require(WorstCase(policy, of: name, .asWritten, at: exampleTime))
            guard reach.terms.allowed != .observe else {
                #expect(reach.tools.allSatisfy { $0.reach.loosest == .deny })
                continue
            }
            let rows = worst.rows + worst.denied
            for (number, tool) in reach.tools {
                let address = policy.table.rows[number].address
                guard let row = rows.first(where: { $0.tool == address }) else {
                    #expect(tool.loosest == .deny, "\(name) \(address)")
                    continue
                }
                #expect(tool.loosest == row.verdicts.first ?? .deny, "\(name) \(address)")
                #expect(tool.sentence == row.outcome.sentence, "\(name) \(address)")
                for effect in Effect.allCases {
                    let easiest = row.effects.contains(effect) ? row.easiest[effect] ?? .deny : nil
                    #expect(tool.loosest(with: effect) == easiest, "\(name) \(address) \(effect)")
                }
                verdicts.insert(tool.loosest)
            }
            #expect(reach.tools.count >= rows.count)
        }
        return verdicts
    }

    @Test func `every agent of the example is as its worst case, also when it is known`() throws {
        let policy = try acme()
        let maker = ReachMaker(policy)
        let verdicts = try compare(policy, maker)
        #expect(verdicts.contains(.allow) && verdicts.count >= 2)
        #expect(try compare(policy, maker) == verdicts)
    }

    /// Two agents that differ in one number must not share what was computed for the other.
    @Test func `agents share what is the same and nothing else`() throws {
        let agents = ["first", "second", "third"].map { name in
            """
              \(name):
                owner: li@acme.example
                purpose: Reads
                tier: low
                stage: trusted
                review_by: "2027-02-01"
                mcp_scopes: {kb: [{tool: look, when: "args.n <= \(name == "third" ? 9 : 5)"}]}
            """
        }
        let policy = try compiled(
            """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers:
              kb:
                tools:
                  look: {class: read}
            agents:
            \(agents.joined(separator: "\n"))
            """)
        let found = ReachMaker(policy).reach(of: facts(policy), at: exampleTime)
        func reach(_ name: String) throws -> ToolReach {
            let agent = try #require(AgentName(name))
            return try #require(found[agent]?.tools.first?.reach)
        }
        let first = try reach("first")
        #expect(try reach("second") === first)
        #expect(try reach("third").sentence == "allowed if n is at most 9, otherwise denied")
        #expect(first.sentence == "allowed if n is at most 5, otherwise denied")
        #expect(first.isConditional && first.loosest == .allow && !first.needsPeople)
    }

    /// The elevation of the example ends, and what it gives with it.
    @Test func `an elevation that has ended gives nothing`() throws {
        let policy = try acme()
        let agent = try #require(AgentName("code-fix"))
        let maker = ReachMaker(policy)
        func tools(_ now: Timestamp) throws -> [String] {
            let reach = try #require(
                maker.reach(of: facts(policy).filter { $0.key == agent }, at: now)[agent])
            #expect(reach.isTimed)
            return reach.tools.map { policy.table.rows[$0.number].address.description }
        }
        #expect(try tools(exampleTime).contains("deploy.rollback"))
        #expect(try !tools(exampleTime + .seconds(86_400)).contains("deploy.rollback"))
    }
}
