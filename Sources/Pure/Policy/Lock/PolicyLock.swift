package import InterlockJSON
package import InterlockModel

/// `interlock.lock`: the allowlist of servers and the reviewed definition of each tool (specs of MCP,
/// section 11). One that was made is sound: every pin is that of its definition, every floor that of
/// its annotations.
package struct PolicyLock: Sendable {
    package let servers: [ServerName: LockedServer]
    /// Kept as they came, by distinct keys; `LockVerifier` says whose word they are.
    package let signatures: [LockSignature]
    /// SHA-256 of the RFC 8785 form without `signatures`: what people sign.
    package let content: Digest
    /// By the address that they would be of if an alias were a name.
    let aliases: [ToolAddress: ToolName]
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

    /// The same content with one more signature; one of the same key is replaced.
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
                    entry.tools[alias.tool] == nil,
                    aliases.updateValue(tool, forKey: alias) == nil
                else {
                    throw .badMember(
                        "servers.\(server).tools.\(tool).alias",
                        "a name that no other tool of the server has, and that fits at /mcp")
                }
            }
        }
        return aliases
    }

    /// Of `server__tool`, in bytes.
    package static let longestWireName = 128

    package func tool(_ address: ToolAddress) -> LockedTool? {
        servers[address.server]?.tools[address.tool]
    }

    /// - Parameter address: of a prompt.
    package func prompt(_ address: ToolAddress) -> LockedPrompt? {
        guard address.kind == .prompt else { return nil }
        return servers[address.server]?.prompts[address.tool.ownName]
    }

    /// Of a tool or prompt; resources have none.
    package func pin(of address: ToolAddress) -> Digest? {
        tool(address)?.pin ?? prompt(address)?.pin
    }

    /// What the arguments of a tool or prompt are typed by; nil when it has no pin.
    package func inputSchema(of address: ToolAddress) -> JSONObject? {
        tool(address)?.inputSchema ?? prompt(address)?.inputSchema
    }

    /// The file's bytes: RFC 8785.
    package func canonical() throws(FormError) -> [UInt8] {
        guard let bytes = try? json.canonical() else { throw .notCanonical }
        return bytes
    }

    package var json: JSONValue { lockJSON(servers, signatures) }
}

/// A signature about the content of a lock, not verified.
package struct LockSignature: Sendable, Hashable {
    package let key: PublicKey
    /// 64 bytes.
    package let bytes: [UInt8]

    package init(key: PublicKey, bytes: [UInt8]) {
        self.key = key
        self.bytes = bytes
    }
}
