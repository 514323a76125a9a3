import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockPolicy

/// A lock with every kind of member, and ways to damage it.
enum LockFixture {
    static var review: LockReview {
        get throws {
            LockReview(
                by: try #require(Person("li@acme.example")), at: time("2026-11-20T09:12:00Z"))
        }
    }

    static var desk: ServerName { get throws { try #require(ServerName("desk")) } }

    static let label: JSONObject = [
        "name": "label", "title": "Label", "description": "Adds a label to a ticket",
        "inputSchema": [
            "type": "object", "properties": ["text": ["type": "string", "maxLength": 40]],
            "required": ["text"],
        ],
        "annotations": ["readOnlyHint": false, "idempotentHint": true],
    ]

    static func tool(
        _ definition: JSONObject, override: ToolClass? = nil
    ) throws -> LockedTool {
        let name = try #require(definition["name"]?.string.flatMap { ToolName($0) })
        return try LockedTool(
            definition: definition, name: name,
            override: try override.map {
                FloorOverride(toolClass: $0, by: try review.by, reason: "it can be taken back")
            }, reviewed: try review, hashing: OpenSSLHashing())
    }

    static func lock(tools: [String: LockedTool]? = nil) throws -> PolicyLock {
        let tools = try tools ?? ["label": try tool(label, override: .read)]
        var named: [ToolName: LockedTool] = [:]
        for (name, tool) in tools { named[try #require(ToolName(name))] = tool }
        let prompt = try LockedPrompt(
            definition: ["name": "greet", "description": "Say it nicely"], name: "greet",
            alias: nil, reviewed: try review, at: "", hashing: OpenSSLHashing())
        let desk = LockedServer(
            name: "io.example/desk", version: "2026.10.19", protocolVersion: "2025-11-25",
            capabilities: ["tools"],
            origin: .program(
                LockedProgram(
                    installed: LockedPackage(
                        registry: .pypi, identifier: "desk-server",
                        digest: OpenSSLHashing().sha256([1])),
                    argv: ["/usr/bin/desk", "--all"], environment: ["TZ"], sandbox: "mcp")),
            instructions: nil, tools: named, prompts: ["greet": prompt])
        let net = LockedServer(
            name: nil, version: nil, protocolVersion: "2026-07-28",
            capabilities: ["tools", "resources"],
            origin: .remote(
                LockedRemote(
                    url: "https://net.acme.example/mcp", tlsName: "net.acme.example",
                    tlsKey: OpenSSLHashing().sha256([2]))),
            elicitationHosts: ["net.acme.example"], instructions: OpenSSLHashing().sha256([3]),
            tools: [:])
        return try PolicyLock(
            servers: [
                try Self.desk: desk, try #require(ServerName("net")): net,
            ], hashing: OpenSSLHashing())
    }

    /// The paths of the objects whose members the reader knows; definitions belong to the servers.
    static func objects(in value: JSONValue, at path: [String] = []) -> [[String]] {
        guard let object = value.object, path.last != "definition" else { return [] }
        return [path] + object.members.flatMap { objects(in: $0.value, at: path + [$0.key]) }
    }

    static func value(at path: [String], in root: JSONValue) -> JSONValue {
        path.reduce(root) { $0[$1] ?? .null }
    }

    static func setting(_ value: JSONValue, at path: [String], in root: JSONValue) -> JSONValue {
        guard let key = path.first else { return value }
        var object = root.object ?? [:]
        object[key] = setting(value, at: Array(path.dropFirst()), in: object[key] ?? .null)
        return .object(object)
    }
}
