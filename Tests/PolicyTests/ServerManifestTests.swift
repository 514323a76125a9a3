import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockPolicy

/// The registry's `server.json` (docs/specs/mcp.md, section 11).
@Suite struct `A server json` {
    private static let package: JSONObject = [
        "registryType": "pypi", "identifier": "mcp-server-time", "version": "2026.10.19",
        "transport": ["type": "stdio"],
        "packageArguments": [
            ["type": "named", "name": "--local-timezone", "value": "UTC"],
            ["type": "positional", "valueHint": "more"],
        ],
        "environmentVariables": [["name": "TZ"], ["name": "API_KEY", "isSecret": true]],
    ]
    private static let remote: JSONObject = [
        "type": "streamable-http", "url": "https://time.example/mcp",
        "headers": [["name": "Authorization", "isSecret": true]],
    ]

    private static func manifest(
        _ changes: [String: JSONValue] = [:], packages: [JSONObject]? = [package],
        remotes: [JSONObject]? = nil
    ) -> JSONValue {
        var root: JSONObject = [
            "$schema":
                "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
            "name": "io.example/time", "description": "Tells the time", "version": "2026.10.19",
        ]
        root["packages"] = packages.map { .array($0.map(JSONValue.object)) }
        root["remotes"] = remotes.map { .array($0.map(JSONValue.object)) }
        for (key, value) in changes { root[key] = value }
        return .object(root)
    }

    private static func read(_ value: JSONValue) throws -> ServerManifest {
        try ServerManifest(parsing: value.serialized())
    }

    private static func changed(
        _ object: JSONObject, _ key: String, _ value: JSONValue?
    ) -> JSONObject {
        var object = object
        object[key] = value
        return object
    }

    @Test func `a package says what to start, a remote where to go`() throws {
        let found = try Self.read(Self.manifest(remotes: [Self.remote]))
        #expect(found.name == "io.example/time" && found.version == "2026.10.19")
        guard case .package(let package)? = found.ways.first else {
            Issue.record("no package")
            return
        }
        #expect(
            package.argv == ["uvx", "mcp-server-time==2026.10.19", "--local-timezone", "UTC"])
        #expect(package.environment.map(\.name) == ["TZ", "API_KEY"])
        #expect(package.environment.map(\.isSecret) == [false, true])
        #expect(
            found.ways.last == .remote(url: "https://time.example/mcp", headers: ["Authorization"]))
    }

    @Test func `each registry is told its one version`() throws {
        for (registry, words) in [
            ("npm", ["npx", "-y", "mcp-server-time@1.2.3"]),
            ("nuget", ["dnx", "-y", "mcp-server-time@1.2.3"]),
            ("oci", ["docker", "run", "-i", "--rm", "mcp-server-time:1.2.3"]),
            ("cargo", ["mcp-server-time"]),
        ] {
            var package = Self.changed(Self.package, "registryType", .string(registry))
            package["version"] = "1.2.3"
            package["packageArguments"] = nil
            guard
                case .package(let found)? = try Self.read(Self.manifest(packages: [package])).ways
                    .first
            else { continue }
            #expect(found.argv == words)
        }
    }

    @Test func `what would be another server tomorrow is refused, with its key`() throws {
        let p = Self.package
        let sse = Self.changed(Self.remote, "type", "sse")
        let bad: [(JSONValue, String)] = [
            (Self.manifest(["version": "latest"]), "version"),
            (Self.manifest(["version": "^1.2.3"]), "version"),
            (Self.manifest(["version": "~1.2"]), "version"),
            (Self.manifest(["version": ">=1.0"]), "version"),
            (Self.manifest(["version": "1.x"]), "version"),
            (Self.manifest(["version": "1.*"]), "version"),
            (Self.manifest(["version": "1.0 - 2.0"]), "version"),
            (Self.manifest(["version": 1]), "version"),
            (Self.manifest(["name": "io.example/time/more"]), "name"),
            (Self.manifest(["name": "time"]), "name"),
            (Self.manifest(["name": "/t"]), "name"),
            (Self.manifest(["description": ""]), "description"),
            (
                Self.manifest(["description": .string(String(repeating: "a", count: 101))]),
                "description"
            ),
            (
                Self.manifest(packages: [Self.changed(p, "version", "latest")]),
                "packages[0].version"
            ),
            (Self.manifest(packages: [Self.changed(p, "version", nil)]), "packages[0].version"),
            (
                Self.manifest(packages: [Self.changed(p, "registryType", "mcpb")]),
                "packages[0].fileSha256"
            ),
            (
                Self.manifest(packages: [Self.changed(p, "registryType", "gem")]),
                "packages[0].registryType"
            ),
            (
                Self.manifest(packages: [Self.changed(p, "fileSha256", "AB")]),
                "packages[0].fileSha256"
            ),
            (
                Self.manifest(packages: [Self.changed(p, "identifier", "a b")]),
                "packages[0].identifier"
            ),
            (
                Self.manifest(packages: [
                    Self.changed(
                        p, "packageArguments", [["type": "positional", "isRequired": true]])
                ]), "packages[0].packageArguments[0].value"
            ),
            (
                Self.manifest(packages: [
                    Self.changed(p, "packageArguments", [["type": "positional", "value": "{dir}"]])
                ]), "packages[0].packageArguments"
            ),
            (Self.manifest(packages: nil), "remotes"),
            (Self.manifest(packages: nil, remotes: [sse]), "remotes"),
            (
                Self.manifest(
                    packages: nil,
                    remotes: [Self.changed(Self.remote, "url", "https://{t}.example")]),
                "remotes[0].url"
            ),
            (
                Self.manifest(
                    packages: nil,
                    remotes: [Self.changed(Self.remote, "url", "https://a@b.example")]),
                "remotes[0].url"
            ),
            (7, "server.json"), ([:], "name"),
        ]
        for (value, path) in bad {
            do {
                _ = try Self.read(value)
                Issue.record("it was read: \(value)")
            } catch FormError.badMember(let found, _) {
                #expect(found == path, "\(value)")
            }
        }
        #expect(throws: FormError.self) { try ServerManifest(parsing: []) }
        #expect(throws: FormError.self) { try ServerManifest(parsing: Array("{".utf8)) }
    }

    @Test func `an sse remote beside another way is left out, and said`() throws {
        let sse = Self.changed(Self.remote, "type", "sse")
        let found = try Self.read(Self.manifest(packages: nil, remotes: [sse, Self.remote]))
        #expect(found.ways.count == 1)
        #expect(found.leftOut == ["remotes[0]: transport `sse` is not spoken"])
    }
}
