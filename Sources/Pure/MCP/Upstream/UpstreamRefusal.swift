package import InterlockJSON

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

    /// The capabilities of a client that the server misses, as a modern client may be told them; nil for
    /// other errors. What this gateway does not know is left out: a client could do nothing about it.
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

    /// What a caller is told that did not declare what its call needs (2026-07-28).
    package static func missing(_ capabilities: JSONObject) -> JSONRPCError {
        JSONRPCError(
            code: missingCapability, message: "this call needs a capability that was not declared",
            data: ["requiredCapabilities": .object(capabilities)])
    }

    /// Names of capabilities, as `elicitation` and `sampling`.
    private static func list(_ required: JSONValue?) -> String {
        let names = (required?.object?.members ?? []).prefix(8).map { "`\(shortened($0.key))`" }
        return names.isEmpty ? "a capability" : names.joined(separator: " and ")
    }
}
