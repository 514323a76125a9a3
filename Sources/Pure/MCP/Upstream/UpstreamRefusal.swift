import InterlockJSON

extension JSONRPCError {
    /// Why a modern server turned a call away before it did anything, in words for the agent; nil for
    /// errors of the call itself.
    package var unmet: String? {
        switch code {
        case Self.missingCapability:
            "the server needs \(Self.list(data?["requiredCapabilities"])), which this caller cannot offer"
        case Self.headerMismatch:
            "the server reads the call's headers otherwise than its list of tools says"
        default: nil
        }
    }

    /// Names of capabilities, as `elicitation` and `sampling`.
    private static func list(_ required: JSONValue?) -> String {
        let names = (required?.object?.members ?? []).prefix(8).map { "`\(shortened($0.key))`" }
        return names.isEmpty ? "a capability" : names.joined(separator: " and ")
    }
}
