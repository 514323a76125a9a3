import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockPolicy

/// The entry of a lock about a server's code.
@Suite struct LockedCodeTests {
    private static let part: JSONValue = [
        "kind": "file", "path": "/usr/bin/x",
        "sha256": .string(String(repeating: "0a", count: 32)),
    ]

    private func lock(_ code: JSONValue?) throws -> [UInt8] {
        var server: JSONObject = [
            "name": .null, "version": .null, "protocolVersion": "2025-11-25", "capabilities": [],
            "package": .null, "argv": ["/usr/bin/x"], "env": [], "sandbox": "mcp",
            "elicitationHosts": [], "instructions": .null, "tools": [:], "prompts": [:],
        ]
        server["code"] = code
        let lock: JSONValue = [
            "interlockLock": 1, "servers": ["x": .object(server)], "signatures": [],
        ]
        return try lock.canonical()
    }

    private func read(_ code: JSONValue?) throws(FormError) -> PolicyLock {
        let bytes = try? lock(code)
        return try PolicyLock(parsing: bytes ?? [], hashing: OpenSSLHashing())
    }

    @Test(arguments: [nil, JSONValue.array([LockedCodeTests.part])])
    func `it is written as it was read, and a lock from before has none`(code: JSONValue?) throws {
        let read = try read(code)
        #expect(try read.canonical() == lock(code))
        let server = try #require(ServerName("x"))
        #expect(
            read.servers[server]?.code?.parts.map(\.path) == (code == nil ? nil : ["/usr/bin/x"]))
    }

    @Test(
        arguments: [
            (.null, "servers.x.code"), ([], "servers.x.code"), ("x", "servers.x.code"),
            ([["kind": "file", "path": "/x"]], "servers.x.code[0].sha256"),
            ([["kind": "link", "path": "/x", "sha256": "0a"]], "servers.x.code[0].kind"),
            ([["kind": "file", "path": "x", "sha256": "0a"]], "servers.x.code[0].path"),
            ([["kind": "file", "path": "/x", "sha256": "0A"]], "servers.x.code[0].sha256"),
            (
                [["kind": "file", "path": "/x", "sha256": "0a", "more": 1]],
                "servers.x.code[0].more"
            ),
            (.array(Array(repeating: LockedCodeTests.part, count: 33)), "servers.x.code"),
        ] as [(JSONValue, String)])
    func `another form is refused with its place`(code: JSONValue, place: String) {
        let error = #expect(throws: FormError.self) { _ = try read(code) }
        #expect(error?.description.contains("`\(place)`") == true, "\(error as Any)")
    }

    @Test func `a remote server has no code`() throws {
        let text = String(decoding: try lock([Self.part]), as: UTF8.self)
        let remote = text.replacing(
            #""argv":["/usr/bin/x"],"#, with: #""remote":null,"#)
        #expect(throws: FormError.self) {
            _ = try PolicyLock(parsing: Array(remote.utf8), hashing: OpenSSLHashing())
        }
    }

    @Test func `the first place that differs is named`() throws {
        func code(_ parts: (String, UInt8)...) throws -> ProgramCode {
            try #require(
                ProgramCode(
                    parts.map {
                        ProgramCode.Part(
                            kind: .file, path: $0.0, digest: OpenSSLHashing().sha256([$0.1]))
                    }))
        }
        let reviewed = try code(("/a", 1), ("/b", 2))
        #expect(reviewed.difference(from: reviewed) == nil)
        #expect(reviewed.difference(from: try code(("/a", 1), ("/b", 3))) == "`/b` has changed")
        #expect(
            reviewed.difference(from: try code(("/a", 1), ("/c", 2)))
                == "the command leads to `/c`, and not to `/b`")
        #expect(
            reviewed.difference(from: try code(("/a", 1))) == "the command leads to `/b` no more")
        #expect(
            reviewed.difference(from: try code(("/a", 1), ("/b", 2), ("/c", 1)))
                == "the command leads to `/c` too")
        #expect(ProgramCode([]) == nil)
    }
}
