package import InterlockJSON

/// What the gateway says that it has, to one principal at one endpoint: what the servers behind it have, and
/// nothing more.
package struct OfferedCapabilities: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let tools = OfferedCapabilities(rawValue: 1)
    package static let resources = OfferedCapabilities(rawValue: 2)
    package static let prompts = OfferedCapabilities(rawValue: 4)
    package static let completions = OfferedCapabilities(rawValue: 8)
    /// To single resources, as some server promises.
    package static let subscriptions = OfferedCapabilities(rawValue: 16)
    /// The same where no server promises it: not declared, and tried when it is asked for.
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

    /// The `capabilities` of a handshake or of `server/discover`.
    package func declared(in version: ProtocolVersion) -> JSONObject {
        var object = JSONObject()
        let changing: JSONValue = ["listChanged": true]
        if contains(.tools) { object["tools"] = changing }
        // The gateway's own: it passes on what is asked for, and to nobody else.
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
