import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Comparison over random policies, judged by `SmallPolicy.verdict`.
@Suite(.requirement("R035")) struct `Comparing random policies` {
    private static let pairs = 150
    private static let inputs: [JSONValue?] =
        [nil, .string("x"), -1, 0, 1, 2, 3]
        + [0.25, 0.5, 0.75, 1.5].map { number in
            JSONNumber(number).map { .number($0) }
        }

    /// One of the questions that a comparison answers about a tool of an agent.
    private struct Question: Hashable {
        var recorded = TrustStage.trusted
        var onceComplete = false
        var isGranted = false

        static let all = [TrustStage.trusted, .supervised].flatMap { stage in
            [(false, false), (true, false), (true, true)].map {
                Question(recorded: stage, onceComplete: $0.0, isGranted: $0.1)
            }
        }
    }

    private struct Pair {
        let before: SmallPolicy
        let after: SmallPolicy
        let old: PolicySnapshot
        let new: PolicySnapshot

        func verdicts(
            _ agent: Int, _ tool: Int, _ input: JSONValue?, _ question: Question
        ) throws -> (was: Verdict, isNow: Verdict) {
            let name = try #require(AgentName("a\(agent)"))
            func verdict(_ policy: SmallPolicy, _ compiled: PolicySnapshot) throws -> Verdict {
                let isHeld = try #require(compiled.agents[name]).incomplete.isEmpty == false
                return policy.verdict(
                    agent, tool, input, recorded: question.recorded,
                    isHeld: isHeld && !question.onceComplete, isGranted: question.isGranted)
            }
            return (try verdict(before, old), try verdict(after, new))
        }
    }

    private func pair(_ random: inout SeededGenerator) throws -> Pair {
        let before = SmallPolicy.random(&random)
        let after = before.changed(&random)
        return Pair(
            before: before, after: after, old: try compiled(before.text),
            new: try compiled(after.text))
    }

    @Test func `the reference decides as the compiled policy does`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<40 {
            let policy = SmallPolicy.random(&random)
            let compiled = try compiled(policy.text)
            for agent in policy.agents.indices {
                let name = try #require(AgentName("a\(agent)"))
                let grant = compiled.compile([compiled.futureGrant(name)])
                let isHeld = try #require(compiled.agents[name]).incomplete.isEmpty == false
                for tool in SmallPolicy.tools.indices {
                    let address = try #require(self.address("t\(tool)"))
                    for input in Self.inputs {
                        for question in Question.all {
                            let found = compiled.decide(
                                name, address, call(input),
                                ComparedCase(
                                    stage: question.recorded, onceComplete: question.onceComplete),
                                question.isGranted ? grant : nil)
                            let expected = policy.verdict(
                                agent, tool, input, recorded: question.recorded,
                                isHeld: isHeld && !question.onceComplete,
                                isGranted: question.isGranted)
                            try #require(
                                found.verdict == expected,
                                "a\(agent) t\(tool) \(String(describing: input)) \(question)\n\(policy.text)"
                            )
                        }
                    }
                }
            }
        }
    }

    @Test
    func `each change of a verdict is listed, also for agents that are held and for future grants`()
        throws
    {
        var random = SeededGenerator.announced()
        var latent = 0
        var completed = 0
        for _ in 0..<Self.pairs {
            let pair = try pair(&random)
            let found = PolicyComparison.compare(pair.old, pair.new, at: exampleTime).differences
            latent += found.count(where: \.isLatent)
            completed += found.count(where: \.onceComplete)
            for agent in pair.before.agents.indices {
                for tool in SmallPolicy.tools.indices {
                    for question in Question.all {
                        for input in Self.inputs {
                            let (was, isNow) = try pair.verdicts(agent, tool, input, question)
                            guard was != isNow else { continue }
                            let direction: Difference.Direction = isNow < was ? .widens : .narrows
                            let isListed = found.contains {
                                $0.subject == "desk.t\(tool)"
                                    && ($0.direction == direction || $0.direction == .notComparable)
                                    && (question.isGranted || $0.agent == "a\(agent)")
                            }
                            try #require(
                                isListed,
                                """
                                \(direction) a\(agent) t\(tool) \(String(describing: input)) \(question)
                                \(found.map(\.text).joined(separator: "\n"))
                                \(pair.before.text)\(pair.after.text)
                                """)
                        }
                    }
                }
            }
        }
        #expect(latent > 20, "\(latent)")
        #expect(completed > 5, "\(completed)")
    }

    @Test func `each witness is decided as its line says`() throws {
        var random = SeededGenerator.announced()
        var checked = 0
        for _ in 0..<Self.pairs {
            let pair = try pair(&random)
            let found = PolicyComparison.compare(pair.old, pair.new, at: exampleTime).differences
            for difference in found {
                guard let witness = difference.witness,
                    let name = difference.assumedGrant?.text ?? difference.agent,
                    let agent = Int(name.dropFirst()),
                    let tool = Int(difference.subject.dropFirst("desk.t".count))
                else { continue }
                let question = Question(
                    recorded: difference.stage ?? .trusted, onceComplete: difference.onceComplete,
                    isGranted: difference.isLatent)
                let (was, isNow) = try pair.verdicts(agent, tool, witness["n"], question)
                checked += 1
                #expect(
                    difference.direction == (isNow < was ? .widens : .narrows) && was != isNow,
                    "\(difference.text)\n\(pair.before.text)\(pair.after.text)")
            }
            #expect(!found.contains { $0.direction == .notComparable && !$0.isLatent })
        }
        #expect(checked > 50, "\(checked)")
    }

    private func address(_ tool: String) -> ToolAddress? {
        guard let server = ServerName("desk"), let name = ToolName(item: tool) else { return nil }
        return ToolAddress(server: server, tool: name)
    }

    private func call(_ input: JSONValue?) -> CallInput {
        var arguments = JSONObject()
        if let input { arguments["n"] = input }
        return CallInput(arguments: arguments, now: exampleTime)
    }
}
