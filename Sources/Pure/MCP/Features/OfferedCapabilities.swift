package import InterlockJSON

/// The capabilities that the gateway declares to one principal at one endpoint: exactly those of the servers behind it.
package struct OfferedCapabilities: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let tools = OfferedCapabilities(rawValue: 1)
    package static let resources = OfferedCapabilities(rawValue: 2)
    package static let prompts = OfferedCapabilities(rawValue: 4)
    package static let completions = OfferedCapabilities(rawValue: 8)
    /// Subscriptions to single resources, declared by at least one server.
    package static let subscriptions = OfferedCapabilities(rawValue: 16)
    /// Subscriptions that no server declares: the gateway does not declare them either, but attempts them on request.
    package static let undeclaredSubscriptions = OfferedCapabilities(rawValue: 32)

    package func has(_ list: ListKind) -> Bool {
        switch list {
        case .tools: contains(.tools)
        case .prompts: contains(.prompts)
        case .resources: contains(.resources)
        }
    }

    package func has(_ list: FeatureListMethod) -> Bool {
        switch list {
        case .tools: contains(.tools)
        case .prompts: contains(.prompts)
        case .resources, .templates: contains(.resources)
        }
    }

    /// Returns the `capabilities` object of a handshake or of `server/discover`.
    package func declared(in version: ProtocolVersion) -> JSONObject {
        var object = JSONObject()
        let changing: JSONValue = ["listChanged": true]
        if contains(.tools) { object["tools"] = changing }
        // The gateway's own capability: it forwards log messages only to callers that requested them.
        object["logging"] = [:]
        if contains(.resources) {
            object["resources"] =
                contains(.subscriptions) ? ["subscribe": true, "listChanged": true] : changing
        }
        if contains(.prompts) { object["prompts"] = changing }
        if contains(.completions), version.hasCompletionCapability { object["completions"] = [:] }
        return object
    }
}
