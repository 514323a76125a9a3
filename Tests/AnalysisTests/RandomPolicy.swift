import InterlockModel
import InterlockTesting

/// An argument `n` as random policies compare it.
enum RandomArgument: CaseIterable {
    case missing, text, low, three, half, four, five, more, seven, eight

    var json: String? {
        switch self {
        case .missing: nil
        case .text: "\"x\""
        case .low: "-1"
        case .three: "3"
        case .half: "3.5"
        case .four: "4"
        case .five: "5"
        case .more: "6"
        case .seven: "7"
        case .eight: "8"
        }
    }

    var number: Double? { self == .text ? nil : json.flatMap(Double.init) }
}

/// A guard with its meaning, written independently of the evaluator; nil is an error.
struct RandomGuard {
    let text: String
    let meaning: @Sendable (RandomArgument, TrustStage) -> Bool?

    static let all: [RandomGuard] = [
        RandomGuard(text: "args.n <= 5") { n, _ in n.number.map { $0 <= 5 } },
        RandomGuard(text: "args.n > 3") { n, _ in n.number.map { $0 > 3 } },
        RandomGuard(text: "has(args.n)") { n, _ in n != .missing },
        RandomGuard(text: "!has(args.n)") { n, _ in n == .missing },
        RandomGuard(text: "args.n in [4, 7]") { n, _ in
            n == .missing ? nil : n == .four || n == .seven
        },
        RandomGuard(text: "args.n > 3 && args.n < 4") { n, _ in n.number.map { $0 > 3 && $0 < 4 } },
        RandomGuard(text: "agent.stage == 'trusted'") { _, stage in stage == .trusted },
        RandomGuard(text: "agent.stage == 'trusted' || args.n >= 7") { n, stage in
            stage == .trusted ? true : n.number.map { $0 >= 7 }
        },
        RandomGuard(text: "args.n < 0 && args.n > 7") { n, _ in n.number.map { _ in false } },
    ]
}

/// A random policy of one agent, as text and as data for `ReferenceDecision`.
struct RandomPolicy {
    struct Tool {
        let name: String
        let toolClass: String
        let effects: [Effect]
    }
    struct Grant {
        /// A class, or the name of a tool.
        let subject: String
        let isClass: Bool
        let when: RandomGuard?
        let sandboxedOnly: Bool

        func names(_ tool: Tool) -> Bool {
            isClass ? tool.toolClass == subject : tool.name == subject
        }
    }
    struct Rule {
        let id: String
        let tool: String?
        let classes: [String]
        let when: RandomGuard?
        let adds: Effect?

        func matches(_ other: Tool) -> Bool {
            (tool == nil || tool == other.name)
                && (classes.isEmpty || classes.contains(other.toolClass))
        }
    }
    struct Elevation {
        let grant: Grant
        let from: Int
        let until: Int
    }

    static let tools = [
        Tool(name: "look", toolClass: "read", effects: [.read]),
        Tool(name: "peek", toolClass: "read", effects: [.read, .sensitiveData]),
        Tool(name: "label", toolClass: "write", effects: [.reversible]),
        Tool(name: "mail", toolClass: "write", effects: [.irreversible, .customerFacing]),
        Tool(name: "pay", toolClass: "write", effects: [.irreversible, .spendsMoney]),
    ]

    var random: SeededGenerator
    let tier: Tier
    let stage: TrustStage
    let members: [String]
    let ownerMayVote: Bool
    let grants: [Grant]
    let approvalRequired: [String]
    let forbids: [Rule]
    let effectRules: [Rule]
    var elevations: [Elevation]
    let callsPerMinute: Int64

    static let owner = "li@acme.example"

    init(_ source: SeededGenerator) {
        var random = source
        func chance(_ share: Int) -> Bool { Int.random(in: 0..<share, using: &random) == 0 }
        func some<Value>(_ most: Int, _ make: () -> Value) -> [Value] {
            (0..<Int.random(in: 0...most, using: &random)).map { _ in make() }
        }
        func when(_ share: Int) -> RandomGuard? {
            chance(share) ? nil : RandomGuard.all.randomElement(using: &random)
        }
        func grant() -> Grant {
            let isClass = chance(3)
            let tool = Self.tools.randomElement(using: &random) ?? Self.tools[0]
            return Grant(
                subject: isClass ? tool.toolClass : tool.name, isClass: isClass, when: when(3),
                sandboxedOnly: chance(5))
        }
        var number = 0
        func rule(_ effects: [Effect]?) -> Rule {
            number += 1
            return Rule(
                id: "rule-\(number)",
                tool: chance(3) ? nil : Self.tools.randomElement(using: &random)?.name,
                classes: chance(2)
                    ? [] : [["read", "write"].randomElement(using: &random) ?? "read"],
                when: effects == nil ? when(8) : RandomGuard.all.randomElement(using: &random),
                adds: effects?.randomElement(using: &random))
        }
        tier = [.low, .medium, .high].randomElement(using: &random) ?? .low
        stage =
            [.trusted, .trusted, .supervised, .observe].randomElement(using: &random) ?? .trusted
        var people = ["ada", "dana", "sam"].shuffled(using: &random)
            .prefix(Int.random(in: 0...3, using: &random)).map { "\($0)@acme.example" }
        if chance(3) { people.append(Self.owner) }
        members = people
        ownerMayVote = chance(2)
        grants = some(4, grant)
        approvalRequired =
            chance(3) ? [Self.tools.randomElement(using: &random)?.name ?? "look"] : []
        forbids = some(2) { rule(nil) }
        effectRules = some(3) {
            rule([.production, .spendsMoney, .customerFacing, .sensitiveData, .reversible])
        }
        elevations = some(2) {
            let from = Int.random(in: 8...10, using: &random)
            return Elevation(
                grant: grant(), from: from, until: from + Int.random(in: 1...3, using: &random))
        }
        callsPerMinute = Int64.random(in: 1...9, using: &random)
        self.random = random
    }

    /// - Parameter tests: entries of `tests`, one a line.
    func text(tests: [String] = []) -> String {
        func when(_ condition: RandomGuard?) -> String {
            condition.map { ", when: \"\($0.text)\"" } ?? ""
        }
        func grantText(_ grant: Grant) -> String {
            "{\(grant.isClass ? "class" : "tool"): \(grant.subject)\(when(grant.when))"
                + (grant.sandboxedOnly ? ", sandboxed: true}" : "}")
        }
        func ruleText(_ rule: Rule) -> String {
            "  - {id: \(rule.id), tools: [\(rule.tool.map { "desk." + $0 } ?? "desk.*")]"
                + (rule.classes.isEmpty
                    ? "" : ", classes: [\(rule.classes.joined(separator: ", "))]")
                + (rule.adds.map { ", add: \($0.name)" } ?? "") + when(rule.when) + "}"
        }
        var lines = [
            "interlock: 1", "org: acme", "kill_switch: org-wide, tested monthly", "tiers:",
            "  low: {classes: [read, write], calls: 9/m}",
            "  medium: {classes: [read, write], calls: 9/m, require: []}",
            "  high: {classes: [read, write], calls: 9/m, require: []}", "servers:", "  desk:",
            "    tools:",
        ]
        lines += Self.tools.map { tool in
            let effects = tool.effects.filter { $0 != .read }.map(\.name).joined(separator: ", ")
            return "      \(tool.name): {class: \(tool.toolClass), effects: [\(effects)]}"
        }
        if !members.isEmpty {
            lines.append("approvals: {leads: {members: [\(members.joined(separator: ", "))]}}")
        }
        if !forbids.isEmpty { lines += ["forbid:"] + forbids.map(ruleText) }
        if !effectRules.isEmpty { lines += ["effects:"] + effectRules.map(ruleText) }
        lines += [
            "agents:", "  helper:", "    owner: \(Self.owner)", "    purpose: Helps people",
            "    tier: \(tier.rawValue)", "    stage: \(stage.rawValue)",
            "    review_by: \"2027-02-01\"", "    limits: {calls: \(callsPerMinute)/m}",
        ]
        if !members.isEmpty { lines.append("    approvers: leads") }
        if !approvalRequired.isEmpty {
            lines.append(
                "    approval_required: [\(approvalRequired.map { "desk." + $0 }.joined(separator: ", "))]"
            )
        }
        lines.append("    mcp_scopes: {desk: [\(grants.map(grantText).joined(separator: ", "))]}")
        if !elevations.isEmpty { lines.append("elevations:") }
        for (number, elevation) in elevations.enumerated() {
            lines += [
                "  - id: INC-\(number)", "    agent: helper",
                "    grant: {desk: [\(grantText(elevation.grant))]}",
                "    from: \"\(Self.time(elevation.from))\"",
                "    until: \"\(Self.time(elevation.until))\"",
                "    approved_by: [ada@acme.example, sam@acme.example]", "    reason: An incident",
            ]
        }
        if ownerMayVote {
            lines.append(
                "waivers: [{lint: W210, at: agents.helper, owner: secops@acme.example, "
                    + "until: \"2026-12-15\", reason: Small team}]")
        }
        if !tests.isEmpty { lines += ["tests:"] + tests.map { "  - {\($0)}" } }
        return lines.joined(separator: "\n") + "\n"
    }

    /// An hour of the day of `exampleTime`.
    static func time(_ hour: Int) -> String { "2026-11-20T\(hour < 10 ? "0" : "")\(hour):00:00Z" }
}
