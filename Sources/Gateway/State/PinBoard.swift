package import InterlockJSON
import InterlockLedger
package import InterlockMCP
package import InterlockModel
import Synchronization

/// One tool as it was reviewed: here, as it was first seen at connect.
package final class PinnedTool: Sendable {
    package let definition: ToolDefinition
    package let digest: Digest
    /// As leaves hold it.
    package let digestText: String
    private let input: CompiledSchema
    private let output: CompiledSchema?

    init(definition: ToolDefinition, digest: Digest, input: CompiledSchema, output: CompiledSchema?)
    {
        self.definition = definition
        self.digest = digest
        digestText = digest.base64
        self.input = input
        self.output = output
    }

    /// What is wrong with the arguments, in words for the model; nil when they fit.
    package func violation(of arguments: JSONValue) -> String? {
        input.validateArguments(arguments.object ?? [:])?.description
    }

    /// Checks `structuredContent` where the tool declares an output schema.
    package func violation(of result: ToolResult) -> String? {
        guard let output else { return nil }
        guard let content = result.structuredContent else { return "there is no structuredContent" }
        return output.validate(content)?.description
    }
}

/// The pins of every server: what was seen first stands until the program starts again. A definition
/// that differs later is drift: the tool is hidden, and the change is recorded once.
package final class PinBoard: Sendable {
    private struct Server {
        var generation: UInt64 = 0
        var first: [ToolName: PinnedTool] = [:]
        var drifted: Set<ToolName> = []
        /// Tools that cannot be offered, with the reason.
        var refused: [ToolName: String] = [:]
        var present: Set<ToolName> = []
    }

    /// What is listed beyond is not offered (the policy's own limit), and so is what a server that
    /// keeps inventing names comes up with.
    private static let toolsOfServer = 2000
    private static let toolsEverSeen = 4000

    private let servers = Mutex<[ServerName: Server]>([:])
    private let upstreams: any Upstreams
    private let hashing: any Hashing
    private let patterns: any PatternCompiler
    private let ledger: any Ledger

    package init(
        upstreams: any Upstreams, hashing: any Hashing, patterns: any PatternCompiler,
        ledger: any Ledger
    ) {
        self.upstreams = upstreams
        self.hashing = hashing
        self.patterns = patterns
        self.ledger = ledger
    }

    /// nil: unknown, drifted, not offered, or its server is away.
    package func pinned(_ address: ToolAddress) -> PinnedTool? {
        guard case .ready(let generation, let tools) = upstreams.view(of: address.server) else {
            return nil
        }
        return servers.withLock { servers in
            if servers[address.server]?.generation != generation {
                take(
                    tools, generation: generation, of: address.server,
                    into: &servers[address.server, default: Server()])
            }
            guard let server = servers[address.server], server.present.contains(address.tool),
                !server.drifted.contains(address.tool)
            else { return nil }
            return server.first[address.tool]
        }
    }

    /// For `status`: tools hidden because their definition changed, and those never offered.
    package func hidden(of server: ServerName) -> [(tool: ToolName, reason: String)] {
        servers.withLock { servers in
            guard let known = servers[server] else { return [] }
            return known.drifted.map { ($0, "its definition changed") }
                + known.refused.map { ($0.key, $0.value) }
        }
    }

    private func take(
        _ tools: [JSONValue], generation: UInt64, of name: ServerName, into server: inout Server
    ) {
        server.generation = generation
        server.present = []
        server.refused = [:]
        let definitions = tools.prefix(Self.toolsOfServer).compactMap { try? ToolDefinition($0) }
        let counts = Dictionary(definitions.map { ($0.name, 1) }, uniquingKeysWith: +)
        for definition in definitions {
            let tool = definition.name
            guard counts[tool] == 1 else {
                // Which of them answers a call is the server's choice, so neither is offered.
                server.refused[tool] = "it is defined more than once"
                continue
            }
            server.present.insert(tool)
            do {
                let digest = try digest(of: definition, isKnown: server.first[tool] != nil)
                guard let first = server.first[tool] else {
                    guard server.first.count < Self.toolsEverSeen else {
                        server.refused[tool] = "the server has listed too many names"
                        continue
                    }
                    server.first[tool] = try compile(definition, digest)
                    continue
                }
                if first.digest == digest {
                    // Back to what was reviewed.
                    server.drifted.remove(tool)
                } else if server.drifted.insert(tool).inserted {
                    note(
                        drift: ToolAddress(server: name, tool: tool), from: first.digest, to: digest
                    )
                }
            } catch {
                server.refused[tool] = "\(error)"
            }
        }
    }

    /// A definition that cannot be pinned is a change all the same where another was reviewed; then it is
    /// told by the hash of its text.
    private func digest(of definition: ToolDefinition, isKnown: Bool) throws -> Digest {
        do { return try definition.pinDigest(hashing: hashing) } catch {
            guard isKnown else { throw error }
            return hashing.sha256(JSONValue.object(definition.raw).serialized())
        }
    }

    private func compile(_ definition: ToolDefinition, _ digest: Digest) throws -> PinnedTool {
        PinnedTool(
            definition: definition, digest: digest,
            input: try CompiledSchema(.object(definition.inputSchema), patterns: patterns),
            output: try definition.outputSchema.map {
                try CompiledSchema(.object($0), patterns: patterns)
            })
    }

    private func note(drift address: ToolAddress, from old: Digest, to new: Digest) {
        ledger.note(
            RecordDraft(
                .pinDrift, run: nil,
                fields: [
                    "tool": .string(address.leafName), "toolv": .string(old.base64),
                    "now": .string(new.base64),
                ]))
    }
}
