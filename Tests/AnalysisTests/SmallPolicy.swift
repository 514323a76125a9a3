import InterlockJSON
import InterlockModel

@testable import InterlockPolicy

/// A small random policy as data, its text, and the verdicts that docs/specs/policy.md, section 4.2, gives it, written
/// without any part of the compiled policy.
struct SmallPolicy {
    /// A condition on `args.n`, which is an error if the argument is missing or no number.
    struct Condition: Hashable {
        var comparison: String
        var bound: Double

        var text: String {
            let whole = bound == bound.rounded() ? "\(Int(bound))" : "\(bound)"
            return "args.n \(comparison) \(whole)"
        }

        /// Returns nil for an error.
        func holds(_ input: JSONValue?) -> Bool? {
            let number: Double
            switch input {
            case .integer(let value)?: number = Double(value)
            case .number(let value)?: number = value.double
            default: return nil
            }
            return switch comparison {
            case "<": number < bound
            case "<=": number <= bound
            case ">": number > bound
            default: number >= bound
            }
        }
    }

    struct Rule {
        var id: String
        var tool: Int
        var adds: Effect?
        var when: Condition?
        var agents: [Int] = []
        var tiers: [Tier] = []
    }

    struct Agent {
        var tier: Tier
        var stage: TrustStage
        var hasOwner: Bool
        /// The granted tools, each with its condition.
        var grants: [Int: Condition?]
    }

    struct Tool {
        let toolClass: ToolClass
        let effects: [Effect]
    }

    static let tools = [
        Tool(toolClass: .read, effects: [.sensitiveData]),
        Tool(toolClass: .write, effects: [.reversible]),
        Tool(toolClass: .write, effects: [.irreversible]),
        Tool(toolClass: .destructive, effects: [.spendsMoney]),
    ]
    static let voters = 2

    var controls: [Effect: [Verdict]] = [:]
    var classes: [Tier: Set<ToolClass>] = [:]
    var effects: [Rule] = []
    var forbids: [Rule] = []
    var agents: [Agent] = []

    // MARK: The reference

    /// - Parameters:
    ///   - recorded: the stage of the trust record.
    ///   - isHeld: true if lint errors hold the agent.
    ///   - isGranted: true to assume a grant of the tool at all times.
    func verdict(
        _ agent: Int, _ tool: Int, _ input: JSONValue?, recorded: TrustStage, isHeld: Bool,
        isGranted: Bool
    ) -> Verdict {
        let who = agents[agent]
        func concerns(_ rule: Rule) -> Bool {
            rule.tool == tool && (rule.agents.isEmpty || rule.agents.contains(agent))
                && (rule.tiers.isEmpty || rule.tiers.contains(who.tier))
        }
        let isForbidden = forbids.contains { concerns($0) && $0.when?.holds(input) ?? true }
        if isForbidden || isHeld { return .deny }
        let scope = who.grants[tool].map { $0.map { $0.holds(input) == true } ?? true } ?? false
        guard scope || isGranted, classes[who.tier]?.contains(Self.tools[tool].toolClass) == true
        else { return .deny }
        var all = Self.tools[tool].effects
        if Self.tools[tool].toolClass == .read { all.append(.read) }
        for rule in effects where concerns(rule) && rule.when?.holds(input) ?? true {
            if let effect = rule.adds { all.append(effect) }
        }
        let stage = min(who.stage, recorded)
        if stage == .observe { return .deny }
        let column = who.tier == .high || stage != .trusted ? 0 : 1
        let verdict = all.compactMap { controls[$0]?[column] }.max() ?? .deny
        if case .approve(let people) = verdict, people > Self.voters { return .deny }
        return verdict
    }

    // MARK: The text

    var text: String {
        var lines = ["interlock: 1", "org: acme", "kill_switch: org-wide, tested monthly"]
        lines += ["approvals: {leads: {members: [ada@acme.example, bo@acme.example]}}", "tiers:"]
        for tier in Tier.allCases {
            let names = (classes[tier] ?? []).map(\.rawValue).sorted().joined(separator: ", ")
            lines.append("  \(tier.rawValue): {classes: [\(names)], require: []}")
        }
        lines.append("controls:")
        for effect in Effect.allCases {
            let row = controls[effect] ?? [.deny, .deny]
            lines.append("  \(effect.name): {supervised: \(row[0]), trusted: \(row[1])}")
        }
        lines += ["servers:", "  desk:", "    tools:"]
        for (number, tool) in Self.tools.enumerated() {
            let effects = tool.effects.map(\.name).joined(separator: ", ")
            lines.append(
                "      t\(number): {class: \(tool.toolClass.rawValue), effects: [\(effects)]}")
        }
        lines += ["effects:"] + (effects.isEmpty ? [] : effects.map(text))
        if effects.isEmpty { lines[lines.count - 1] = "effects: []" }
        lines += ["forbid:"] + (forbids.isEmpty ? [] : forbids.map(text))
        if forbids.isEmpty { lines[lines.count - 1] = "forbid: []" }
        lines.append("agents:")
        for (number, agent) in agents.enumerated() {
            lines.append("  a\(number):")
            if agent.hasOwner { lines.append("    owner: li@acme.example") }
            lines += ["    purpose: Works", "    tier: \(agent.tier.rawValue)"]
            lines += ["    stage: \(agent.stage.rawValue)", "    review_by: \"2027-02-01\""]
            lines += ["    approvers: leads"]
            let grants = agent.grants.keys.sorted().map { tool in
                (agent.grants[tool] ?? nil).map { "{tool: t\(tool), when: \"\($0.text)\"}" }
                    ?? "t\(tool)"
            }
            lines.append("    mcp_scopes: {desk: [\(grants.joined(separator: ", "))]}")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func text(_ rule: Rule) -> String {
        var keys = ["id: \(rule.id)", "tools: [desk.t\(rule.tool)]"]
        if let effect = rule.adds { keys.append("add: \(effect.name)") }
        if let when = rule.when { keys.append("when: \"\(when.text)\"") }
        if !rule.agents.isEmpty {
            keys.append("agents: [\(rule.agents.map { "a\($0)" }.joined(separator: ", "))]")
        }
        if !rule.tiers.isEmpty {
            keys.append("tiers: [\(rule.tiers.map(\.rawValue).joined(separator: ", "))]")
        }
        return "  - {\(keys.joined(separator: ", "))}"
    }
}

extension SmallPolicy {
    static func random(_ random: inout some RandomNumberGenerator) -> SmallPolicy {
        var policy = SmallPolicy()
        for effect in Effect.allCases { policy.controls[effect] = row(effect, &random) }
        for tier in Tier.allCases { policy.classes[tier] = classes(tier, &random) }
        policy.effects = (0..<Int.random(in: 0..<4, using: &random)).map {
            rule("e\($0)", adds: Effect.allCases.randomElement(using: &random), &random)
        }
        policy.forbids = (0..<Int.random(in: 0..<3, using: &random)).map {
            rule("f\($0)", adds: nil, &random)
        }
        policy.agents = (0..<3).map { _ in agent(&random) }
        return policy
    }

    /// The policy with one part replaced by another random one.
    func changed(_ random: inout some RandomNumberGenerator) -> SmallPolicy {
        var policy = self
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1:
            let effect = Effect.allCases.randomElement(using: &random) ?? .read
            policy.controls[effect] = Self.row(effect, &random)
        case 2:
            let tier = Tier.allCases.randomElement(using: &random) ?? .low
            policy.classes[tier] = Self.classes(tier, &random)
        case 3:
            if policy.effects.isEmpty || Bool.random(using: &random) {
                let effect = Effect.allCases.randomElement(using: &random)
                policy.effects.append(Self.rule("e9", adds: effect, &random))
            } else {
                policy.effects.removeLast()
            }
        case 4:
            if policy.forbids.isEmpty || Bool.random(using: &random) {
                policy.forbids.append(Self.rule("f9", adds: nil, &random))
            } else {
                policy.forbids.removeLast()
            }
        default:
            policy.agents[Int.random(in: 0..<3, using: &random)].grants = Self.grants(&random)
        }
        return policy
    }

    /// A row of the controls, which may not allow a grave effect.
    private static func row(
        _ effect: Effect, _ random: inout some RandomNumberGenerator
    ) -> [Verdict] {
        var verdicts: [Verdict] = [.approve(1), .approve(2), .approve(3), .deny]
        if !effect.isGrave { verdicts += [.allow, .allow] }
        return (0..<2).map { _ in verdicts.randomElement(using: &random) ?? .deny }
    }

    private static func classes(
        _ tier: Tier, _ random: inout some RandomNumberGenerator
    ) -> Set<ToolClass> {
        Set([ToolClass.read, .write, .destructive].filter { _ in Bool.random(using: &random) })
            .union([.read])
    }

    private static func rule(
        _ id: String, adds: Effect?, _ random: inout some RandomNumberGenerator
    ) -> Rule {
        var rule = Rule(id: id, tool: Int.random(in: 0..<tools.count, using: &random), adds: adds)
        // The format demands a condition of rules that add an effect.
        if adds != nil || Int.random(in: 0..<4, using: &random) > 0 {
            rule.when = condition(&random)
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            rule.agents = [Int.random(in: 0..<3, using: &random)]
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            rule.tiers = Tier.allCases.randomElement(using: &random).map { [$0] } ?? []
        }
        return rule
    }

    private static func condition(_ random: inout some RandomNumberGenerator) -> Condition {
        Condition(
            comparison: ["<", "<=", ">", ">="].randomElement(using: &random) ?? "<",
            bound: [0, 0.5, 1, 2].randomElement(using: &random) ?? 0)
    }

    private static func agent(_ random: inout some RandomNumberGenerator) -> Agent {
        Agent(
            tier: Tier.allCases.randomElement(using: &random) ?? .low,
            stage: [.observe, .supervised, .trusted, .trusted].randomElement(using: &random)
                ?? .observe,
            hasOwner: Int.random(in: 0..<3, using: &random) > 0, grants: grants(&random))
    }

    private static func grants(
        _ random: inout some RandomNumberGenerator
    ) -> [Int: Condition?] {
        var grants: [Int: Condition?] = [:]
        for tool in tools.indices where Int.random(in: 0..<3, using: &random) == 0 {
            let condition = Bool.random(using: &random) ? condition(&random) : nil
            grants.updateValue(condition, forKey: tool)
        }
        return grants
    }
}
