import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The network of a stdio server's child, in the policy and in the lock (R152).
@Suite struct ServerNetworkTests {
    private static func server(_ connect: String) throws -> ServerSpec {
        let reading = PolicyReader.read(
            policyFiles(
                """
                interlock: 1
                org: acme
                servers:
                  desk:
                    tools: {look: {class: read}}
                    connect: {\(connect)}
                """))
        let document = try #require(reading.document, "\(reading.findings.reported.map(\.text))")
        #expect(Enforcement.unsupported(document).isEmpty)
        return try #require(document.servers.first)
    }

    @Test(
        arguments: [
            ("stdio: [/usr/bin/desk]", ServerNetwork.own, nil),
            ("stdio: [/usr/bin/desk], sandbox: {read: [/srv]}", .own, nil),
            ("stdio: [/usr/bin/desk], sandbox: {network: none}", .own, nil),
            ("stdio: [/usr/bin/desk], sandbox: {network: host}", .host, .hostNetwork),
            ("http: \"http://127.0.0.1:9/mcp\"", .own, .unidentified),
            ("http: \"http://desk.example/mcp\"", .own, .unidentified),
            ("http: \"https://desk.example/mcp\"", .own, nil),
            ("http: \"http://127.0.0.1:9/mcp\", uid: 1000", .own, nil),
            ("http: \"http://[::1]:9/mcp\", uid: 0", .own, nil),
            ("http: \"http://localhost/mcp\", uid: 1000", .own, nil),
        ] as [(String, ServerNetwork, ServerWeakness?)])
    func `a server has the machine's network if its entry says so`(
        connect: String, network: ServerNetwork, weakness: ServerWeakness?
    ) throws {
        let server = try Self.server(connect)
        #expect(server.network == network)
        #expect(server.weakness == weakness)
    }

    @Test(arguments: [
        "http: \"http://desk.example/mcp\", uid: 1000",
        "http: \"https://127.0.0.1/mcp\", uid: 1000",
        "http: \"http://127.0.0.1.example/mcp\", uid: 1000",
        "http: \"http://localhost.example/mcp\", uid: 1000", "stdio: [/usr/bin/desk], uid: 1000",
        "http: \"http://127.0.0.1@desk.example/mcp\", uid: 1000",
    ])
    func `a user is named for an address of loopback alone`(connect: String) throws {
        let reading = PolicyReader.read(
            policyFiles(
                """
                interlock: 1
                org: acme
                servers: {desk: {tools: {look: {class: read}}, connect: {\(connect)}}}
                """))
        #expect(reading.findings.reported.map(\.code).contains(.outOfPlace))
    }

    @Test(arguments: [nil, 1000] as [UInt32?])
    func `the lock has the user of a process, and one from before has none`(uid: UInt32?) throws {
        let (lock, entry) = try entry(try self.lock(nil, isRemote: true, uid: uid))
        #expect(try lock.canonical() == self.lock(nil, isRemote: true, uid: uid))
        #expect(entry.difference(fromOwner: uid) == nil)
        #expect(entry.difference(fromOwner: 7)?.hasPrefix("`connect` names the user 7") == true)
        if uid != nil { #expect(entry.difference(fromOwner: nil) != nil) }
    }

    private func lock(
        _ network: JSONValue?, isRemote: Bool = false, uid: UInt32? = nil
    ) throws -> [UInt8] {
        var server: JSONObject = [
            "name": .null, "version": .null, "protocolVersion": "2025-11-25", "capabilities": [],
            "elicitationHosts": [], "instructions": .null, "tools": [:], "prompts": [:],
        ]
        if isRemote {
            var remote: JSONObject = [
                "type": "streamable-http", "url": "http://127.0.0.1/mcp", "tlsName": .null,
                "tlsKey": .null,
            ]
            remote["uid"] = uid.map { .integer(Int64($0)) }
            server["remote"] = .object(remote)
        } else {
            server["package"] = .null
            server["argv"] = ["/usr/bin/x"]
            server["env"] = []
            server["sandbox"] = "mcp"
        }
        server["network"] = network
        return try JSONValue.object([
            "interlockLock": 1, "servers": ["x": .object(server)], "signatures": [],
        ]).canonical()
    }

    private func entry(_ bytes: [UInt8]) throws -> (PolicyLock, LockedServer) {
        let lock = try PolicyLock(parsing: bytes, hashing: OpenSSLHashing())
        let name = try #require(ServerName("x"))
        return (lock, try #require(lock.servers[name]))
    }

    @Test(arguments: [(nil, ServerNetwork.own), ("host", .host)] as [(JSONValue?, ServerNetwork)])
    func `the lock is written as it was read, and one from before has none`(
        written: JSONValue?, network: ServerNetwork
    ) throws {
        let (lock, entry) = try entry(try lock(written))
        #expect(try lock.canonical() == self.lock(written))
        #expect(entry.difference(from: network) == nil)
        let other: ServerNetwork = network == .own ? .host : .own
        #expect(
            entry.difference(from: other)
                == "`connect` starts it in the network `\(other.rawValue)`, the lock has "
                + "`\(network.rawValue)`")
    }

    /// Two spellings of one network would make two locks of one review.
    @Test(arguments: ["none", "", .null, true] as [JSONValue])
    func `another form in the lock is refused with its place`(network: JSONValue) {
        let error = #expect(throws: FormError.self) { _ = try entry(try lock(network)) }
        #expect(error?.description.contains("`servers.x.network`") == true, "\(error as Any)")
    }

    @Test func `a remote server has no network`() {
        #expect(throws: FormError.self) { _ = try entry(try lock("host", isRemote: true)) }
    }
}
