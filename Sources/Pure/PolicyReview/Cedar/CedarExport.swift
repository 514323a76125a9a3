import InterlockJSON
import InterlockModel
package import InterlockPolicy

/// The part of a policy that another engine can decide: Cedar policies that state whether a call is
/// permitted at all, and the policy's tests as requests with expected answers (docs/specs/policy.md,
/// section 9).
///
/// Cedar skips a policy whose evaluation fails. Each permit is therefore one cube of the calls that some
/// grant covers and no forbid touches; a missing or mistyped field makes that permit fail, which refuses
/// the call.
package struct CedarExport: Sendable {
    package struct File: Sendable {
        package let name: String
        package let text: String
    }

    package let files: [File]
    /// The tools and tests that Cedar cannot express, one line each.
    package let leftOut: [String]

    package init(_ policy: PolicySnapshot, tests: [PolicyTestResult]) {
        var writer = CedarWriter(policy)
        for agent in policy.document.agents { writer.permits(of: agent) }
        let requests = CedarRequests(policy, tests, without: writer.untold)
        files = [
            File(name: "policies.cedar", text: writer.policies.joined(separator: "\n") + "\n"),
            File(name: "schema.json", text: json(Self.schema)),
            File(name: "entities.json", text: json([])),
            File(name: "requests.json", text: json(.array(requests.requests))),
        ]
        leftOut = writer.leftOut + requests.leftOut
    }

    private static let schema: JSONValue = [
        "": [
            "entityTypes": ["Agent": [:], "Tool": [:]],
            "actions": [
                "call": ["appliesTo": ["principalTypes": ["Agent"], "resourceTypes": ["Tool"]]]
            ],
        ]
    ]
}

private func json(_ value: JSONValue) -> String {
    String(decoding: value.serialized(), as: UTF8.self) + "\n"
}

struct CedarCell: Hashable {
    let agent: AgentName
    let tool: ToolAddress
}

private struct CedarWriter {
    let policy: PolicySnapshot
    private let regions: PolicyRegions
    private(set) var policies: [String] = []
    private(set) var leftOut: [String] = []
    /// The cells whose calls Cedar cannot decide.
    private(set) var untold: Set<CedarCell> = []

    init(_ policy: PolicySnapshot) {
        self.policy = policy
        regions = PolicyRegions(policy)
    }

    mutating func permits(of agent: AgentSpec) {
        for tool in regions.tools(of: agent.name) {
            guard let cubes = permitted(agent, tool) else {
                untold.insert(CedarCell(agent: agent.name, tool: tool))
                leftOut.append("\(agent.name) \(tool): its guards have no form in Cedar")
                continue
            }
            for conditions in cubes {
                let when = conditions.isEmpty ? "true" : conditions.joined(separator: " && ")
                policies.append(
                    """
                    permit(principal == Agent::"\(agent.name)", action == Action::"call", \
                    resource == Tool::"\(tool)") when { \(when) };
                    """)
            }
        }
    }

    /// The conditions of each permit, or nil if the analysis reaches a limit or Cedar cannot express them.
    private func permitted(_ agent: AgentSpec, _ tool: ToolAddress) -> [[String]]? {
        let verdicts = try? regions.verdicts(
            agent.name, tool, domain: regions.domain(of: tool), stage: agent.writtenStage)
        guard let verdicts else { return nil }
        var all: [[String]] = []
        for verdict in verdicts.verdicts where verdict != .deny {
            for cube in verdicts[verdict].cubes {
                guard let conditions = CedarConditions.alternatives(of: cube) else { return nil }
                all += conditions
            }
        }
        return all
    }
}

/// The policy's tests as Cedar requests.
private struct CedarRequests {
    private(set) var requests: [JSONValue] = []
    private(set) var leftOut: [String] = []

    /// The decision reasons that depend on what Cedar evaluates. Tests with another reason are left out.
    private static let decided: Set<DecisionReason> = [
        .forbid, .noGrant, .guardFalse, .controls, .approvalRequired,
    ]

    init(_ policy: PolicySnapshot, _ tests: [PolicyTestResult], without untold: Set<CedarCell>) {
        let specs = Dictionary(
            policy.document.tests.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        for result in tests {
            guard let spec = specs[result.path] else { continue }
            if !Self.decided.contains(result.decision.reason) {
                leave(result, "`\(result.decision.reason.rawValue)` is no matter of Cedar")
            } else if spec.stage != nil {
                leave(result, "it is about another stage")
            } else if untold.contains(CedarCell(agent: result.agent, tool: result.call)) {
                leave(result, "its guards have no form in Cedar")
            } else if !hasCedarForm(spec.arguments) {
                leave(result, "Cedar has no null and no fractions")
            } else {
                requests.append(request(result, spec))
            }
        }
    }

    private mutating func leave(_ result: PolicyTestResult, _ why: String) {
        leftOut.append("test \(result.name): \(why)")
    }

    private func request(_ result: PolicyTestResult, _ spec: TestSpec) -> JSONValue {
        [
            "name": .string(result.name),
            "principal": .string("Agent::\"\(result.agent)\""),
            "action": "Action::\"call\"", "resource": .string("Tool::\"\(result.call)\""),
            "context": [
                "args": spec.arguments, "now": .integer(spec.at?.milliseconds ?? 0),
                "sandboxed": false, "tainted": .bool(spec.level > .clean),
            ],
            "expected": result.decision.verdict == .deny ? "Deny" : "Allow",
        ]
    }
}

private func hasCedarForm(_ value: JSONValue) -> Bool {
    switch value {
    case .null, .number: false
    case .bool, .integer, .string: true
    case .array(let items): items.allSatisfy(hasCedarForm)
    case .object(let object): object.members.allSatisfy { hasCedarForm($0.value) }
    }
}
