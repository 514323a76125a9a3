import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Compares the words of pages and commands with the decisions of calls.
@Suite(.requirement("R045", "R154")) struct `Outcomes in words` {
    private func outcome(
        _ agent: String, _ tool: String, at now: Timestamp = exampleTime
    ) throws -> String {
        let name = try #require(AgentName(agent))
        let reach = try #require(WorstCase(try acme(), of: name, .asWritten, at: now))
        return try #require((reach.rows + reach.denied).first { $0.tool.description == tool })
            .outcome.sentence
    }

    @Test func `one grant with a guard is said with what remains`() throws {
        #expect(
            try outcome("code-fix", "repo.read_file")
                == #"allowed if path does not begin with "secrets/" and path does not contain "..","#
                + " otherwise denied")
        #expect(try outcome("code-fix", "deploy.status") == "allowed")
    }

    @Test func `an elevation is said with its end`() throws {
        let words = try outcome("code-fix", "deploy.rollback")
        #expect(words.contains("(by INC-4711 until 2026-11-20T12:00:00Z"), "\(words)")
        #expect(words.contains("2 approvals if environment is not given"), "\(words)")
    }

    /// A person who reads the lines from the top, with the words of each condition.
    private struct Reader {
        let meanings: [String: RandomGuard]
        let argument: RandomArgument
        let stage: TrustStage
        let isSandboxed: Bool

        func verdict(_ outcome: ToolOutcome) throws -> Verdict? {
            for line in outcome.lines where try line.clauses.allSatisfy(applies) {
                return line.verdict
            }
            return nil
        }

        private func applies(_ clause: ToolOutcome.Clause) throws -> Bool {
            switch clause {
            case .any(let conditions): try conditions.contains { try truth($0) != false }
            case .noGrant(let conditions): try conditions.allSatisfy { try truth($0) != true }
            case .outsideSandbox: !isSandboxed
            }
        }

        private func truth(_ condition: ToolOutcome.Condition) throws -> Bool? {
            if condition.words == "always" { return true }
            return try #require(meanings[condition.words], "\(condition.words)")
                .meaning(argument, stage)
        }
    }

    @Test func `over random policies and calls the words say what the decision is`() throws {
        let meanings = Dictionary(
            uniqueKeysWithValues: RandomGuard.all.map {
                (ConditionFormatter.words(of: $0.text), $0)
            })
        var random = SeededGenerator.announced()
        var verdicts: Set<Verdict> = []
        for _ in 0..<150 {
            var policy = RandomPolicy(random)
            random = policy.random
            // The times of elevations are words that this reader does not read.
            policy.elevations = []
            let compiled = try compiled(policy.text())
            let helper = try #require(AgentName("helper"))
            let reach = try #require(
                WorstCase(compiled, of: helper, .asWritten, at: exampleTime))
            guard policy.stage != .observe, reach.terms.held.isEmpty else { continue }
            for tool in RandomPolicy.tools {
                let address = try #require(self.address(tool.name))
                let row = (reach.rows + reach.denied).first { $0.tool == address }
                for argument in RandomArgument.allCases {
                    for isSandboxed in [false, true] {
                        let expected = ReferenceDecision(
                            policy, tool, argument, sandboxed: isSandboxed, hour: 9,
                            stage: reach.terms.stage, unfit: [])
                        let reader = Reader(
                            meanings: meanings, argument: argument, stage: reach.terms.stage,
                            isSandboxed: isSandboxed)
                        let found = try row.map { try reader.verdict($0.outcome) } ?? .deny
                        try #require(
                            found == expected.verdict,
                            "\(tool.name) \(argument) sandboxed \(isSandboxed): \(row?.outcome.sentence ?? "no row") is \(expected)\n\(policy.text())"
                        )
                        verdicts.insert(expected.verdict)
                    }
                }
            }
        }
        #expect(verdicts.isSuperset(of: [.allow, .approve(1), .approve(2), .deny]))
    }

    private func address(_ tool: String) -> ToolAddress? {
        guard let server = ServerName("desk"), let name = ToolName(tool) else { return nil }
        return ToolAddress(server: server, tool: name)
    }
}
