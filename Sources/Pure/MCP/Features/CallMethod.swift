/// The methods of calls to a server. The set is closed: a method that is not listed cannot enter the pipeline.
///
/// INVARIANT: resources, prompts and completions are decided, recorded and halted as tools are. Kept by `OfferTests`,
/// `PromptTests`.
package enum CallMethod: String, Sendable {
    case callTool = "tools/call"
    case readResource = "resources/read"
    case getPrompt = "prompts/get"
    /// The completion of an argument of a prompt or of a resource template.
    case complete = "completion/complete"
    /// The start and the end of notifications about changes of one resource; in the legacy eras, and for each resource
    /// that a `subscriptions/listen` names.
    case subscribe = "resources/subscribe"
    case unsubscribe = "resources/unsubscribe"

    /// True if a result of the method can be marked as an error; otherwise a refusal is a JSON-RPC error.
    package var hasErrorResults: Bool { self == .callTool }
    /// True if a server may request input before it responds (docs/specs/mcp.md, section 2).
    package var mayAsk: Bool { self != .complete && !isSubscription }
    /// True for the methods that are decided as a read of their resource and not sent to a server as a call.
    package var isSubscription: Bool { self == .subscribe || self == .unsubscribe }

    /// Returns true if a client of that era may send the method.
    func isRequest(in era: Era) -> Bool { era == .legacy || !isSubscription }
}

/// The methods that list a server's features, page by page.
package enum FeatureListMethod: String, Sendable, CaseIterable {
    case tools = "tools/list"
    case resources = "resources/list"
    case templates = "resources/templates/list"
    case prompts = "prompts/list"

    /// The member of the result that contains the definitions.
    package var member: String {
        switch self {
        case .tools: "tools"
        case .resources: "resources"
        case .templates: "resourceTemplates"
        case .prompts: "prompts"
        }
    }

    /// The capability of a server that offers the list.
    package var capability: String {
        switch self {
        case .tools: "tools"
        case .resources, .templates: "resources"
        case .prompts: "prompts"
        }
    }

    /// The plural noun for the listed features, for messages.
    package var things: String { self == .templates ? "resource templates" : member }
}
