package import InterlockJSON

extension JSONRPCError {
    /// The reason why a modern server rejected a call before executing it, in words for the agent, or nil if the error
    /// is one of the call itself.
    package var unmet: String? {
        switch code {
        case Self.missingCapability:
            "the server needs \(Self.list(data?["requiredCapabilities"])), which this caller cannot offer"
        case Self.headerMismatch:
            "the server reads the call's headers otherwise than its list of tools says"
        default: nil
        }
    }

    /// The client capabilities that the server requires, in the form for a modern client, or nil for other errors.
    /// Capabilities that the gateway does not know are omitted, because a client could not provide them through it.
    package var missingCapabilities: JSONObject? {
        guard code == Self.missingCapability else { return nil }
        var known = JSONObject()
        for method in InputRequest.Method.allCases {
            guard let details = data?["requiredCapabilities"]?[method.capability]?.object else {
                continue
            }
            known[method.capability] = .object(details)
        }
        return known
    }

    /// Returns the error for a caller that did not declare the capabilities that its call requires (2026-07-28).
    package static func missing(_ capabilities: JSONObject) -> JSONRPCError {
        JSONRPCError(
            code: missingCapability, message: "this call needs a capability that was not declared",
            data: ["requiredCapabilities": .object(capabilities)])
    }

    /// Returns the names of capabilities in words, such as `elicitation` and `sampling`.
    private static func list(_ required: JSONValue?) -> String {
        let names = (required?.object?.members ?? []).prefix(8).map { "`\(shortened($0.key))`" }
        return names.isEmpty ? "a capability" : names.joined(separator: " and ")
    }
}
