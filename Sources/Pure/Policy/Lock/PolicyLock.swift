package import InterlockJSON
package import InterlockModel

/// `interlock.lock`: the allowlist of servers and the reviewed definition of each tool (specs of MCP,
/// section 11). One that was made is sound: every pin is that of its definition, every floor that of
/// its annotations.
package struct PolicyLock: Sendable {
    package let servers: [ServerName: LockedServer]
    /// Kept as they came; nobody has verified them, so they carry no authority.
    package let signatures: [LockSignature]
    /// SHA-256 of the RFC 8785 form of the whole file; part of the policy's digest.
    package let digest: Digest

    package static let largest = 16 << 20
    package static let mostServers = 256
    package static let mostSignatures = 16
    /// The name of the file, beside the policy.
    package static let fileName = "interlock.lock"

    /// - Throws: `notCanonical` when its JSON has no RFC 8785 form, `badMember` beyond the limits.
    package init(
        servers: [ServerName: LockedServer], signatures: [LockSignature] = [],
        hashing: any Hashing
    ) throws(FormError) {
        guard servers.count <= Self.mostServers else {
            throw .badMember("servers", "at most \(Self.mostServers) servers")
        }
        guard let bytes = try? lockJSON(servers, signatures).canonical() else {
            throw .notCanonical
        }
        guard bytes.count <= Self.largest else {
            throw .badMember("servers", "a file of at most \(Self.largest) bytes")
        }
        self.servers = servers
        self.signatures = signatures
        digest = hashing.sha256(bytes)
    }

    package func tool(_ address: ToolAddress) -> LockedTool? {
        servers[address.server]?.tools[address.tool]
    }

    /// What the arguments of a tool are typed by; nil when the tool has no pin.
    package func inputSchema(of address: ToolAddress) -> JSONObject? {
        tool(address)?.inputSchema
    }

    /// The file's bytes: RFC 8785.
    package func canonical() throws(FormError) -> [UInt8] {
        guard let bytes = try? json.canonical() else { throw .notCanonical }
        return bytes
    }

    package var json: JSONValue { lockJSON(servers, signatures) }
}

/// A signature over the RFC 8785 form without `signatures`.
package struct LockSignature: Sendable, Hashable {
    package let key: String
    /// Base64, as written.
    package let signature: String

    package static let longestKey = 128
    package static let longestSignature = 1024
}
