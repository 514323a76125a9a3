import InterlockPolicyCEL

/// The variables of guards (docs/specs/policy.md, section 5.2); the raw value is the slot. They include
/// neither the caller nor the owner of the agent, because guards must not depend on identity.
///
/// The dotted names are short forms of the members of `call` and `agent`, which exist as a whole because
/// `has` needs them.
enum GuardVariable: Int, CaseIterable {
    case args, now, call, callServer, callTool, callClass, callEnvironment, callKind, callTainted
    case callSandboxed, agent, agentTier, agentStage

    var name: String {
        switch self {
        case .args: "args"
        case .now: "now"
        case .call: "call"
        case .callServer: "call.server"
        case .callTool: "call.tool"
        case .callClass: "call.class"
        case .callEnvironment: "call.environment"
        case .callKind: "call.kind"
        case .callTainted: "call.tainted"
        case .callSandboxed: "call.sandboxed"
        case .agent: "agent"
        case .agentTier: "agent.tier"
        case .agentStage: "agent.stage"
        }
    }

    private func type(arguments: CELType) -> CELType {
        switch self {
        case .args: arguments
        case .now: .timestamp
        case .call: Self.callType
        case .callServer, .callTool, .callClass, .callEnvironment, .callKind: .string
        case .callTainted, .callSandboxed: .bool
        case .agent: Self.agentType
        case .agentTier, .agentStage: .string
        }
    }

    /// - Parameter arguments: the arguments of the tool's reviewed schema; if nil, `args` is dyn.
    static func variables(arguments: CELSchema.Arguments?) -> [CELEnvironment.Variable] {
        allCases.map { variable in
            CELEnvironment.Variable(
                variable.name, variable.type(arguments: arguments?.type ?? .dyn),
                extent: variable == .args ? arguments?.extent ?? .unstated : .unstated)
        }
    }

    private static let callType = CELType.object(
        CELObjectType(
            fields: [
                field("server", .string), field("tool", .string), field("class", .string),
                field("environment", .string), field("kind", .string), field("tainted", .bool),
                field("sandboxed", .bool),
                CELObjectType.Field(name: "on_behalf_of", type: .string, isRequired: false),
            ], isOpen: false))

    private static let agentType = CELType.object(
        CELObjectType(fields: [field("tier", .string), field("stage", .string)], isOpen: false))

    private static func field(_ name: String, _ type: CELType) -> CELObjectType.Field {
        CELObjectType.Field(name: name, type: type, isRequired: true)
    }
}
