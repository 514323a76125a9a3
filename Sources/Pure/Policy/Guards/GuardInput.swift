import InterlockJSON
import InterlockModel
import InterlockPolicyCEL

/// The values that the guards of one decision see.
struct GuardInput {
    let site: CallSite
    let arguments: JSONValue
    let now: Timestamp
    let isTainted: Bool
    let isSandboxed: Bool
    let onBehalfOf: Person?
    let tier: Tier
    /// The effective stage.
    let stage: TrustStage
    /// True for a completion, whose `kind` is `completion`.
    let isCompletion: Bool

    var kind: String { isCompletion ? "completion" : site.kind }
}

/// The facts about the called tool that a guard sees, which are the same for every call of it.
final class CallSite: Sendable {
    let server: String
    let tool: String
    let toolClass: String
    let environment: String
    /// The kind: `tool`, `resource` or `prompt`.
    let kind: String

    init(_ row: ToolTable.Row) {
        server = row.address.server.text
        tool = row.address.tool.ownName
        kind = row.address.kind.rawValue
        toolClass = row.spec.toolClass.rawValue
        environment = row.environment
    }
}

extension GuardInput: CELVariables {
    func value(of slot: Int) -> CELValue? {
        guard let variable = GuardVariable(rawValue: slot) else { return nil }
        return switch variable {
        case .args: CELValue(arguments)
        case .now: .timestamp(CELTimestamp(now))
        case .call: .map(.json(call))
        case .callServer: .string(site.server)
        case .callTool: .string(site.tool)
        case .callClass: .string(site.toolClass)
        case .callEnvironment: .string(site.environment)
        case .callKind: .string(kind)
        case .callTainted: .bool(isTainted)
        case .callSandboxed: .bool(isSandboxed)
        case .agent:
            .map(.json(["tier": .string(tier.rawValue), "stage": .string(stage.rawValue)]))
        case .agentTier: .string(tier.rawValue)
        case .agentStage: .string(stage.rawValue)
        }
    }

    private var call: JSONObject {
        var call: JSONObject = [
            "server": .string(site.server), "tool": .string(site.tool),
            "class": .string(site.toolClass), "environment": .string(site.environment),
            "kind": .string(kind), "tainted": .bool(isTainted),
            "sandboxed": .bool(isSandboxed),
        ]
        if let onBehalfOf { call["on_behalf_of"] = .string(onBehalfOf.address) }
        return call
    }
}
