package import InterlockCommandLine
import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

extension Command {
    package static let policyWorstCase = Command(
        "policy worst-case [AGENT]", "all that an agent can reach, gravest first",
        example: "interlock policy worst-case refunds --fail-on spends-money:approve",
        options: PolicyInput.options + [
            Option("--all", "every agent"),
            Option("--svg FILE", "draw the flows of data of AGENT into a new file for a browser"),
            Option(
                "--fail-on EFFECT[:VERDICT]",
                "exit 1 when the effect is reachable by this verdict or an easier one"
                    + " (default: any but deny)", isRepeatable: true),
        ] + StatedTrust.options,
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io],
        notes: """
            Computed from the compiled tables, at the stage and with the limits of an agent without a trust
            record; --served asks the running gateway for those of each agent. --fail-on judges the stage of
            the file as well, because trust can rise while the policy stays. Exit 1: --fail-on was hit.
            """
    ) { invocation in
        let limits = try invocation.all("fail-on").map(ReachLimit.init)
        let input = try PolicyInput(invocation)
        let policy = try input.load()
        let names: [AgentName]
        switch (invocation.positional.first, invocation.has("all")) {
        case (let name?, false): names = [try PolicyInput.agent(name, in: policy)]
        case (nil, true): names = policy.agents.keys.sorted()
        default: throw Failure(.usage, "name one agent, or `--all`")
        }
        let drawing = invocation["svg"]
        if invocation.has("all"), drawing != nil {
            throw Failure(.usage, "`--svg` draws one agent")
        }
        if let drawing { try OutputFile.requireFree(drawing) }
        let trust = try StatedTrust(invocation, policy)
        var isHit = false
        for name in names {
            guard let reach = WorstCase(policy, of: name, trust[name], at: input.now) else {
                continue
            }
            if let drawing { try OutputFile.write(Array(FlowDrawing(reach).svg.utf8), to: drawing) }
            invocation.print(reach.json, reach.text)
            guard !limits.isEmpty else { continue }
            // The reach of calls depends on the stage alone, not on the share of the limits.
            let written =
                reach.terms.allowed == reach.terms.written
                ? nil : WorstCase(policy, of: name, .asWritten, at: input.now)
            for limit in limits
            where [reach, written].contains(where: {
                $0?.reaches(limit.effect, at: limit.verdict) ?? false
            }) {
                isHit = true
                Output.error("\(name): \(limit.effect.name) is reachable by \(limit.text)")
            }
        }
        return isHit ? .no : .ok
    }
}

/// `spends_money:approve`
private struct ReachLimit {
    let effect: Effect
    let verdict: Verdict
    let text: String

    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let effect = parts.first.flatMap(Effect.init(name:)) else {
            throw Failure(
                .usage, "`\(text)` names no effect",
                help: didYouMean(parts.first ?? "", among: Effect.allCases.map(\.name)))
        }
        self.effect = effect
        guard parts.count > 1 else {
            verdict = .approve(9)
            self.text = "a verdict that is not deny"
            return
        }
        guard let verdict = ReachLimit.verdict(parts[1]) else {
            throw Failure(
                .usage, "`\(parts[1])` is no verdict", help: "write `allow` or `approve 2`")
        }
        self.verdict = verdict
        self.text = "\(verdict) or an easier verdict"
    }

    private static func verdict(_ text: String) -> Verdict? {
        if text == "allow" { return .allow }
        if text == "approve" { return .approve(1) }
        guard text.hasPrefix("approve "), let people = Int(text.dropFirst(8)),
            (1...9).contains(people)
        else { return nil }
        return .approve(people)
    }
}
