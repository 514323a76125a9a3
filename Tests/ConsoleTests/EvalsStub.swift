import InterlockConsoleWorld
import InterlockCredentials
import InterlockEvals
import InterlockEvidence
import InterlockModel

@testable import InterlockChangeGate

/// The change gate and one agent in memory. Every free text is `text`, which may be hostile.
struct EvalsStub: EvalQueries {
    var text = "interlock 1.0.0"
    var state = GateOutlook.State.refused
    var fact = EvalFact.missing
    var hasResult = true
    var tier = Tier.low
    var isExcepted = false

    private static let hashing = OpenSSLHashing()
    private static let start = ConsoleOffice.start

    private var until: Timestamp? {
        switch state {
        case .refused, .observed: nil
        case .ending, .served: Self.start + .seconds(3 * 86_400)
        }
    }

    private var result: EvalResultSummary {
        func digest(_ byte: UInt8) -> Digest { Self.hashing.sha256([byte]) }
        let parts = AgentFingerprint(
            agent: DirectoryWorld.clerk, model: digest(1), policy: digest(2), prompt: digest(3),
            skills: digest(4), tools: digest(5))
        let result = EvalResult(
            parts: parts, suite: digest(6), cases: digest(7), baseline: nil, verdict: .pass,
            flags: ["T03", "T13"], isPartial: false, started: Self.start, ended: Self.start,
            proof: .measured, maxAge: 86_400, runner: text,
            classes: [EvalResult.ClassCount(name: "allow", cases: 9)],
            coverage: EvalResult.Coverage(touched: 8, reachable: 9),
            safety: EvalResult.Safety(
                cases: 41, failed: 0, agentTrials: 60, bound95: EvalFraction(0.0487)),
            utility: EvalResult.Utility(
                cases: 40, passed: 39, wilson95: nil,
                paired: nil), hashing: Self.hashing)
        return EvalResultSummary(
            result: result, fact: .stale, expires: Self.start + .seconds(86_400),
            differences: [.policy, .tools])
    }

    private var line: AgentEvalSummary {
        AgentEvalSummary(
            agent: DirectoryWorld.clerk, owner: Person("p2@acme.example"), tier: tier, fact: fact,
            outlook: GateOutlook(state: state, until: until), isExcepted: isExcepted,
            latest: hasResult ? result : nil, next: "interlock eval run clerk")
    }

    func agents(
        in state: GateOutlook.State?, page: Int, for visibility: Visibility
    ) -> AgentEvalListing {
        let isSeen = visibility.sees(DirectoryWorld.clerk)
        let isFound = isSeen && (state == nil || state == self.state)
        return AgentEvalListing(
            lines: isFound ? [line] : [], page: 1, pages: isFound ? 3 : 1,
            count: isFound ? 101 : 0, counts: isSeen ? [self.state: 101] : [:],
            refusesMissingFrom: self.state == .ending ? until : nil)
    }

    func evals(of agent: AgentName, for visibility: Visibility) -> AgentEvalDetail? {
        guard agent == DirectoryWorld.clerk, visibility.sees(agent) else { return nil }
        let parts = FingerprintPart.allCases.map { part in
            FingerprintPartStatus(
                part: part, digest: hasResult ? result.result.parts[part] : nil,
                isComputed: part == .policy || part == .tools,
                isChanged: hasResult ? part == .policy : nil, isNothing: part == .skills,
                sharing: part == .prompt && hasResult ? [DirectoryWorld.clerk] : [],
                sharingCount: part == .prompt && hasResult ? 30 : 0)
        }
        return AgentEvalDetail(
            line: line, fingerprint: hasResult ? result.result.fingerprint : nil,
            parts: parts, carriedUntil: state == .ending ? until : nil,
            exception: isExcepted ? exception : nil, results: hasResult ? [result] : [],
            resultCount: hasResult ? 40 : 0, servers: [DirectoryWorld.desk])
    }

    private var exception: EvalException? {
        EvalException(
            org: "acme", agent: DirectoryWorld.clerk, reason: text, from: Self.start,
            until: Self.start + .seconds(3600))
    }

    func warnings(about agents: [AgentName]) -> [AgentName: GateOutlook] {
        guard line.outlook.isWarning, agents.contains(DirectoryWorld.clerk) else { return [:] }
        return [DirectoryWorld.clerk: line.outlook]
    }
}
