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
        var (missing, unknown) = (NamedAgents(), NamedAgents())
        var leaves: [Digest] = []
        for (agent, answers) in answers {
            switch answers[check] {
            case .ok: continue
            case .missing(let text, let found):
                missing.add(agent, text)
                if leaves.count < mostLeaves { leaves += found }
            case .unknown(let text): unknown.add(agent, text)
            }
        }
        // Missing ones are shown before unknown ones: they can be mended at once.
        if missing.count > 0 {
            return .missing(
                missing.text(of: answers.count), leaves: Array(leaves.prefix(mostLeaves)))
        }
        if unknown.count > 0 { return .unknown(unknown.text(of: answers.count)) }
        return .ok("each of \(answers.count) agents")
    }

    private static let mostLeaves = 100
}

/// The number of some agents, and the first of them with what was said of each.
private struct NamedAgents {
    private(set) var count = 0
    private var named: [String] = []

    private static let most = 5

    mutating func add(_ agent: AgentName, _ text: String) {
        count += 1
        if named.count < Self.most { named.append("\(agent.text) (\(text))") }
    }

    func text(of all: Int) -> String {
        "\(count) of \(all) agents: " + named.joined(separator: ", ")
            + (count > named.count ? ", …" : "")
    }
}
