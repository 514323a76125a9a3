import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The agents that a skill, a prompt file, a model or a tool shapes (docs/specs/evals.md, section 6).
struct Impact {
    enum Kind: String, CaseIterable { case skill, prompt, model, tool }

    private let kind: Kind
    private let name: String

    /// - Parameter text: `KIND:NAME`, such as `skill:summarise` or `tool:billing.get_invoice`.
    /// - Throws: exit 64 for another form.
    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else {
            throw Failure(
                .usage, "expected KIND:NAME, found `\(TerminalEscaping.shown(text))`",
                help: "for instance skill:summarise")
        }
        kind = try Invocation.choice(String(parts[0]), "kind")
        name = String(parts[1])
    }

    /// Prints each agent with its owner, its tier and what the gate says.
    ///
    /// - Returns: `no` if one of them has no result that counts; `notFound` if there is no such agent.
    func print(_ input: EvalInput, _ invocation: Invocation) throws(Failure) -> Exit {
        var exit = Exit.notFound
        for entry in input.policy.agents.values.sorted(by: { $0.name < $1.name }) {
            guard try isUsed(by: entry.name, input) else { continue }
            let check = try GateCheck(entry.name, input, manifest: nil)
            let owner = entry.owner.map(\.address) ?? "no owner"
            invocation.print(
                [
                    "agent": .string(entry.name.text), "owner": .string(owner),
                    "tier": .string(entry.tier.rawValue), "gate": check.json,
                ], "\(check.line)\n  owner: \(owner), tier: \(entry.tier.rawValue)")
            if !check.passes {
                exit = .no
            } else if exit == .notFound {
                exit = .ok
            }
        }
        if exit == .notFound {
            Output.error(
                "interlock: no agent uses the \(kind.rawValue) `\(TerminalEscaping.shown(name))`")
        }
        return exit
    }

    private func isUsed(by agent: AgentName, _ input: EvalInput) throws(Failure) -> Bool {
        if kind == .tool {
            return input.policy.scopedTools(of: agent).contains { $0.description == name }
        }
        guard let manifest = try SuiteFolder(agent, in: input.root).fingerprint()?.manifest else {
            return false
        }
        switch kind {
        case .skill: return manifest.skills.contains { sameBytes($0.name, name) }
        case .prompt: return manifest.prompt.contains { sameBytes($0, name) }
        case .model: return manifest.models.contains { sameBytes($0.id, name) }
        case .tool: return false
        }
    }
}
