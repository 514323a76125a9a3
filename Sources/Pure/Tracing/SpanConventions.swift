/// The names under which spans leave, by version. They are never in records: every name of `gen_ai` and `mcp` may
/// still change (docs/specs/limits-and-monitoring.md, section 12).
enum SpanConventions {
    /// The semantic conventions of OpenTelemetry for generative AI and MCP that these names are of.
    static let version = "semantic-conventions-genai 0.1.0"

    /// The name of every span. The conventions put the tool behind it; a name that an agent chose stays the value
    /// of an attribute.
    static let spanName = "execute_tool"
    /// `SPAN_KIND_INTERNAL`, as the conventions say of `execute_tool`.
    static let spanKind: Int64 = 1
    /// `STATUS_CODE_ERROR`
    static let failed: Int64 = 2
    static let scope = "interlock.calls"

    static let operation = "gen_ai.operation.name"
    static let agent = "gen_ai.agent.id"
    static let tool = "gen_ai.tool.name"
    static let call = "gen_ai.tool.call.id"
    static let method = "mcp.method.name"
    static let error = "error.type"

    static let serviceName = "service.name"
    static let serviceVersion = "service.version"
    static let serviceInstance = "service.instance.id"

    static let conventions = "interlock.conventions"
    static let server = "interlock.server"
    static let run = "interlock.run"
    static let decision = "interlock.decision_id"
    static let verdict = "interlock.verdict"
    static let rule = "interlock.rule"
    static let policy = "interlock.policy"
    static let toolClass = "interlock.class"
    static let outcome = "interlock.outcome"
    static let code = "interlock.code"
    static let intent = "interlock.intent"
    static let leaf = "interlock.leaf"

    /// The server of the tools that a coding agent runs itself: no message of MCP asks for them.
    static let host = "host"
}
