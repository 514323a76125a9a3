import InterlockJSON

/// What a modern client carries, sealed, from an `input_required` answer to its retry: which call is
/// parked, and all that the retry must be equal in (specs of MCP, section 5.6).
package struct ResumeState: Sendable, Equatable {
    package static let lifetimeSeconds: Int64 = 600
    package static let maximumBytes = 8192

    /// Agent, run and person of the credential, and the digest of what it is for.
    package let principal: [String]
    package let method: String
    /// As the caller writes it.
    package let name: String
    /// SHA-256 of the canonical arguments, base64.
    package let arguments: String
    package let server: String
    /// Of the reviewed tool.
    package let pin: String
    /// Milliseconds since 1970.
    package let expires: Int64
    package let nonce: String
    /// The id of the call.
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

    /// RFC 8785 JSON.
    package var bytes: [UInt8] {
        let object: JSONObject = [
            "v": 1, "kind": "parked", "principal": .array(principal.map(JSONValue.string)),
            "method": .string(method), "name": .string(name), "args": .string(arguments),
            "upstream": .string(server), "pin": .string(pin), "exp": .integer(expires),
            "nonce": .string(nonce), "ref": .string(call),
        ]
        // Texts and small integers always have a canonical form.
        return (try? object.canonical()) ?? []
    }

    /// - Returns: nil for what `bytes` never gives.
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
