package import InterlockJSON
package import InterlockModel

/// `interlock.lock`: the allowlist of servers and the reviewed definition of each tool (docs/specs/mcp.md,
/// section 11). Every instance is consistent: each pin is that of its definition, and each floor that of
/// its annotations.
package struct PolicyLock: Sendable {
    package let servers: [ServerName: LockedServer]
    /// The signatures as read, by distinct keys; `LockVerifier` verifies them.
    package let signatures: [LockSignature]
    /// SHA-256 of the RFC 8785 form without `signatures`, which is what people sign.
    package let content: Digest
    /// The tools with an alias, by the address that they would have if the alias were their name.
    let aliases: [ToolAddress: ToolName]
    /// SHA-256 of the RFC 8785 form of the whole file; part of the policy's digest.
    package let digest: Digest

    package static let largest = 16 << 20
    package static let mostServers = 256
    package static let mostSignatures = 16
    /// The name of the file, which is next to the policy.
    package static let fileName = "interlock.lock"

    /// - Throws: `notCanonical` if the JSON has no RFC 8785 form; `badMember` beyond the limits or for an
    ///   invalid alias.
    package init(
        servers: [ServerName: LockedServer], signatures: [LockSignature] = [],
        hashing: any Hashing
    ) throws(FormError) {
        guard servers.count <= Self.mostServers else {
            throw .badMember("servers", "at most \(Self.mostServers) servers")
        }
        aliases = try Self.aliases(of: servers)
        guard signatures.count <= Self.mostSignatures,
            Set(signatures.map(\.key)).count == signatures.count
        else { throw .badMember("signatures", "at most \(Self.mostSignatures), by distinct keys") }
        guard let bytes = try? lockJSON(servers, signatures).canonical(),
            let unsigned = try? lockJSON(servers, nil).canonical()
        else { throw .notCanonical }
        guard bytes.count <= Self.largest else {
            throw .badMember("servers", "a file of at most \(Self.largest) bytes")
        }
        self.servers = servers
        self.signatures = signatures
        digest = hashing.sha256(bytes)
        content = hashing.sha256(unsigned)
    }

    /// The same content with one more signature, which replaces one of the same key.
    package func adding(
        _ signature: LockSignature, hashing: any Hashing
    ) throws(FormError) -> PolicyLock {
        try PolicyLock(
            servers: servers,
            signatures: signatures.filter { $0.key != signature.key } + [signature],
            hashing: hashing)
    }

    private static func aliases(
        of servers: [ServerName: LockedServer]
    ) throws(FormError) -> [ToolAddress: ToolName] {
        var aliases: [ToolAddress: ToolName] = [:]
        for (server, entry) in servers {
            for (tool, locked) in entry.tools {
                guard let text = locked.alias else { continue }
                let alias = ToolName(text).map { ToolAddress(server: server, tool: $0) }
                guard let alias, alias.wireName.utf8.count <= longestWireName,
                    entry.tools[alias.tool] == nil, aliases.updateValue(tool, forKey: alias) == nil
                else {
                    throw .badMember(
                        "servers.\(server).tools.\(tool).alias",
                        "a name that no other tool of the server has, and that fits at /mcp")
                }
            }
        }
        return aliases
    }

    /// The maximum length of `server__tool`, in bytes.
    package static let longestWireName = 128

    package func tool(_ address: ToolAddress) -> LockedTool? {
        servers[address.server]?.tools[address.tool]
    }

    /// - Parameter address: the address of a prompt; any other gives nil.
    package func prompt(_ address: ToolAddress) -> LockedPrompt? {
        guard address.kind == .prompt else { return nil }
        return servers[address.server]?.prompts[address.tool.ownName]
    }

    /// The pin of a tool or prompt. Resources have no pin.
    package func pin(of address: ToolAddress) -> Digest? {
        tool(address)?.pin ?? prompt(address)?.pin
    }

    /// The schema that types the arguments of a tool or prompt, or nil if it has no pin.
    package func inputSchema(of address: ToolAddress) -> JSONObject? {
        tool(address)?.inputSchema ?? prompt(address)?.inputSchema
    }

    /// The bytes of the file, in RFC 8785 form.
    package func canonical() throws(FormError) -> [UInt8] {
        guard let bytes = try? json.canonical() else { throw .notCanonical }
        return bytes
    }

    package var json: JSONValue { lockJSON(servers, signatures) }
}

/// A signature of a lock's content, which is not verified.
package struct LockSignature: Sendable, Hashable {
    package let key: PublicKey
    /// The signature, 64 bytes.
    package let bytes: [UInt8]

    package init(key: PublicKey, bytes: [UInt8]) {
        self.key = key
        self.bytes = bytes
    }
}
