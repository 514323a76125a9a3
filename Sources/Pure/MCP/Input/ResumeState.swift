import InterlockJSON

/// The state that a modern client carries, sealed, from an `input_required` result to its retry: the id of the parked
/// call and everything in which the retry must be equal (docs/specs/mcp.md, section 5.6).
package struct ResumeState: Sendable, Equatable {
    package static let lifetimeSeconds: Int64 = 600
    package static let maximumBytes = 8192

    /// The agent, run and person of the credential, and the digest of its scopes.
    package let principal: [String]
    package let method: String
    /// The name as the caller writes it.
    package let name: String
    /// The SHA-256 of the canonical arguments, in base64.
    package let arguments: String
    package let server: String
    /// The pin of the reviewed tool.
    package let pin: String
    /// The end of validity, in milliseconds since 1970.
    package let expires: Int64
    package let nonce: String
    /// The id of the parked call.
    package let call: String

    package init(
        principal: [String], method: String, name: String, arguments: String, server: String,
        pin: String, expires: Int64, nonce: String, call: String
    ) {
        self.principal = principal
        self.method = method
        self.name = name
        self.arguments = arguments
        self.server = server
        self.pin = pin
        self.expires = expires
        self.nonce = nonce
        self.call = call
    }

    private static let members = [
        "v", "kind", "principal", "method", "name", "args", "upstream", "pin", "exp", "nonce",
        "ref",
    ]

    /// The state as RFC 8785 JSON.
    package var bytes: [UInt8] {
        let object: JSONObject = [
            "v": 1, "kind": "parked", "principal": .array(principal.map(JSONValue.string)),
            "method": .string(method), "name": .string(name), "args": .string(arguments),
            "upstream": .string(server), "pin": .string(pin), "exp": .integer(expires),
            "nonce": .string(nonce), "ref": .string(call),
        ]
        // Strings and small integers always have a canonical form.
        return (try? object.canonical()) ?? []
    }

    /// - Returns: nil if the bytes are not a result of `bytes`.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumBytes,
            let object = (try? JSONValue(parsing: bytes, limits: .agent))?.object,
            Set(object.members.map(\.key)) == Set(Self.members), object["v"] == 1,
            object["kind"] == "parked", let principal = object["principal"]?.array,
            let method = object["method"]?.string, let name = object["name"]?.string,
            let arguments = object["args"]?.string, let server = object["upstream"]?.string,
            let pin = object["pin"]?.string, let expires = object["exp"]?.integer,
            let nonce = object["nonce"]?.string, let call = object["ref"]?.string
        else { return nil }
        self.init(
            principal: principal.compactMap(\.string), method: method, name: name,
            arguments: arguments, server: server, pin: pin, expires: expires, nonce: nonce,
            call: call)
        guard self.bytes == bytes else { return nil }
    }
}
