import InterlockCredentials
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import Testing

/// Locks of servers whose tools a person has reviewed.
enum BenchLock {
    /// A lock of the bench's tools, some of them changed or omitted.
    static func lock(
        _ tools: [JSONValue] = Bench.tools, argv: [String] = ["/usr/bin/desk"],
        server: String = "desk"
    ) throws -> PolicyLock {
        let hashing = OpenSSLHashing()
        var locked: [ToolName: LockedTool] = [:]
        let review = LockReview(
            by: try #require(Person("li@acme.example")), at: FakeClock().now.wall)
        for tool in tools {
            let definition = try ToolDefinition(tool)
            locked[definition.name] = try LockedTool(
                definition: definition.pinned, name: definition.name, reviewed: review,
                hashing: hashing)
        }
        let entry = LockedServer(
            name: nil, version: nil, protocolVersion: "2025-11-25", capabilities: ["tools"],
            origin: .program(
                LockedProgram(installed: nil, argv: argv, environment: [], sandbox: "mcp")),
            instructions: nil, tools: locked)
        return try PolicyLock(
            servers: [try #require(ServerName(server)): entry], hashing: hashing)
    }
}
