/// What an agent can have done at a server. Closed: a method that is not here cannot enter the pipeline.
package enum CallMethod: String, Sendable {
    case callTool = "tools/call"
    case readResource = "resources/read"
    case getPrompt = "prompts/get"
    /// Of an argument of a prompt or of a resource's template.
    case complete = "completion/complete"
    /// Whether one resource changes is told from here on, and no more; in the legacy eras, and of each
    /// resource that a `subscriptions/listen` names.
    case subscribe = "resources/subscribe"
    case unsubscribe = "resources/unsubscribe"

    /// Whether its result can say of itself that it is an error; else a refusal is a JSON-RPC error.
    package var hasErrorResults: Bool { self == .callTool }
    /// Whether a server may ask before it answers (specs of MCP, section 2).
    package var mayAsk: Bool { self != .complete && !isSubscription }
    /// Decided as a read of its resource; nothing of it is sent to a server as a call.
    package var isSubscription: Bool { self == .subscribe || self == .unsubscribe }

    /// Whether a client of that era may send it.
    func isRequest(in era: Era) -> Bool { era == .legacy || !isSubscription }
}

/// A list that a server has, page by page.
package enum FeatureListMethod: String, Sendable, CaseIterable {
    case tools = "tools/list"
    case resources = "resources/list"
    case templates = "resources/templates/list"
    case prompts = "prompts/list"

    /// The member of the result that holds the definitions.
    package var member: String {
        switch self {
        case .tools: "tools"
        case .resources: "resources"
        case .templates: "resourceTemplates"
        case .prompts: "prompts"
        }
    }

    /// The capability of a server that has it.
    package var capability: String {
        switch self {
        case .tools: "tools"
        case .resources, .templates: "resources"
        case .prompts: "prompts"
        }
    }

    /// What the definitions are, in words.
    package var things: String { self == .templates ? "resource templates" : member }
}
