import InterlockModel
import InterlockTrust

/// The answers about one agent, or about the organisation as a whole. A check without an answer is unknown.
struct ReadinessAnswers: Sendable {
    private var found: [ReadinessCheck: ReadinessAnswer] = [:]

    subscript(check: ReadinessCheck) -> ReadinessAnswer {
        get { found[check] ?? .unknown("no part of the gateway answers it") }
        set { found[check] = newValue }
    }

    /// One result of each check, in the order of `ReadinessCheck`.
    func results(for agent: AgentName?) -> [ReadinessResult] {
        ReadinessCheck.allCases.map { self[$0].result(of: $0, remedy: $0.remedy(for: agent)) }
    }

    /// The answer about the organisation from those about its agents, in the order of their names.
    static func joined(
        _ check: ReadinessCheck, _ answers: [(agent: AgentName, answers: ReadinessAnswers)]
    ) -> ReadinessAnswer {
        guard !answers.isEmpty else { return .unknown("the policy has no agents") }
        var (missing, unknown): ([String], [String]) = ([], [])
        var leaves: [Digest] = []
        for (agent, answers) in answers {
            switch answers[check] {
            case .ok: continue
            case .missing(let text, let found):
                missing.append("\(agent.text) (\(text))")
                leaves += found
            case .unknown(let text): unknown.append("\(agent.text) (\(text))")
            }
        }
        // Missing ones are shown before unknown ones: they can be mended at once.
        if !missing.isEmpty {
            return .missing(
                text(missing, of: answers.count), leaves: Array(leaves.prefix(mostLeaves)))
        }
        if !unknown.isEmpty { return .unknown(text(unknown, of: answers.count)) }
        return .ok("each of \(answers.count) agents")
    }

    private static let mostNamed = 5
    private static let mostLeaves = 100

    private static func text(_ agents: [String], of count: Int) -> String {
        "\(agents.count) of \(count) agents: " + agents.prefix(mostNamed).joined(separator: ", ")
            + (agents.count > mostNamed ? ", …" : "")
    }
}
