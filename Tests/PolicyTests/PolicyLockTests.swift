import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The lock file, `interlock.lock` (docs/specs/mcp.md, section 11).
@Suite struct `The lock` {
    private let hashing = OpenSSLHashing()

    @Test func `what is written is read back, with the same digest`() throws {
        let lock = try LockFixture.lock()
        let read = try PolicyLock(parsing: try lock.canonical(), hashing: hashing)
        #expect(read.digest == lock.digest)
        #expect(read.servers == lock.servers)
        #expect(read.json == lock.json)
        #expect(lock.digest == hashing.sha256(try lock.canonical()))
    }

    @Test func `signatures are kept and count in the digest`() throws {
        var root = try #require(try LockFixture.lock().json.object)
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
        let bytes = [UInt8](repeating: 9, count: 64)
        root["signatures"] = [
            ["key": .string(key.base64), "sig": .string(Base64.encode(bytes))]
        ]
        let signed = try PolicyLock(parsing: JSONValue.object(root).serialized(), hashing: hashing)
        #expect(signed.signatures == [LockSignature(key: key, bytes: bytes)])
        #expect(signed.json == .object(root))
        let unsigned = try LockFixture.lock()
        #expect(signed.digest != unsigned.digest)
        #expect(signed.content == unsigned.content, "the content is what is signed")
        let again = try unsigned.adding(LockSignature(key: key, bytes: bytes), hashing: hashing)
        #expect(again.digest == signed.digest)
        #expect(
            try again.adding(LockSignature(key: key, bytes: bytes), hashing: hashing)
                .signatures.count == 1)
    }

    @Test func `a signature is base64 of its length, by distinct keys`() throws {
        let root = try #require(try LockFixture.lock().json.object)
        let key: JSONValue = .string(Base64.encode([UInt8](repeating: 7, count: 32)))
        let sig: JSONValue = .string(Base64.encode([UInt8](repeating: 9, count: 64)))
        let bad: [JSONValue] = [
            [["key": "ops-2026", "sig": sig]], [["key": key, "sig": "AAAA"]],
            [["key": key]], [["key": key, "sig": sig, "by": "li"]], 7,
            [["key": key, "sig": sig], ["key": key, "sig": sig]],
            .array((0..<17).map { _ in ["key": key, "sig": sig] }),
        ]
        for signatures in bad {
            var spoilt = root
            spoilt["signatures"] = signatures
            #expect(throws: FormError.self, "\(signatures)") {
                try PolicyLock(
                    parsing: JSONValue.object(spoilt).serialized(), hashing: hashing)
            }
        }
    }

    @Test func `the order of members and white space do not count`() throws {
        let lock = try LockFixture.lock()
        let shuffled = reversed(lock.json).serialized()
        let spaced = String(decoding: shuffled, as: UTF8.self).replacing(",", with: " ,\n ")
        #expect(shuffled != (try lock.canonical()))
        #expect(try PolicyLock(parsing: shuffled, hashing: hashing).digest == lock.digest)
        #expect(
            try PolicyLock(parsing: Array(spaced.utf8), hashing: hashing).digest == lock.digest)
    }

    @Test func `each member is needed, and no other is taken`() throws {
        let root: JSONValue = try LockFixture.lock().json
        var tried = 0
        for path in LockFixture.objects(in: root) {
            let object = try #require(LockFixture.value(at: path, in: root).object)
            var more = object
            more["extra"] = .null
            expectRefused(LockFixture.setting(.object(more), at: path, in: root), "\(path).extra")
            for (key, _) in object.members {
                var less = object
                less[key] = nil
                // Maps by name may lack any of their entries.
                if ["servers", "tools", "prompts"].contains(path.last) { continue }
                tried += 1
                expectRefused(
                    LockFixture.setting(.object(less), at: path, in: root), "\(path).\(key)")
            }
        }
        #expect(tried > 40)
    }

    @Test func `no text of a definition changes without its pin`() throws {
        let text = String(decoding: try LockFixture.lock().canonical(), as: UTF8.self)
        for (old, new) in [
            ("Adds a label", "Adds a Label"), ("\"maxLength\":40", "\"maxLength\":41"),
            ("\"idempotentHint\":true", "\"idempotentHint\":false"), ("Say it", "Say it!"),
        ] {
            try #require(text.contains(old))
            let edited = text.replacing(old, with: new)
            #expect(throws: FormError.self, "\(new)") {
                try PolicyLock(parsing: Array(edited.utf8), hashing: hashing)
            }
        }
    }

    @Test func `a tool's schema is found by its address`() throws {
        let lock = try LockFixture.lock()
        #expect(lock.inputSchema(of: try address("desk.label"))?["type"] == "object")
        #expect(lock.inputSchema(of: try address("desk.other")) == nil)
        #expect(lock.inputSchema(of: try address("other.label")) == nil)
    }

    static let floors: [(annotations: JSONObject?, floor: ToolClass?)] = [
        (nil, nil), ([:], nil), (["readOnlyHint": true], nil), (["destructiveHint": false], nil),
        (["readOnlyHint": false], .write), (["destructiveHint": true], .destructive),
        (["readOnlyHint": true, "destructiveHint": true], .destructive),
        (["readOnlyHint": "false"], nil), (["destructiveHint": 1], nil),
        (["openWorldHint": true, "idempotentHint": false], nil),
    ]

    @Test(.requirement("R139"), arguments: floors.indices)
    func `only explicit annotations raise the floor`(index: Int) throws {
        let row = Self.floors[index]
        var definition: JSONObject = ["name": "label", "inputSchema": ["type": "object"]]
        definition["annotations"] = row.annotations.map(JSONValue.object)
        let tool = try LockFixture.tool(definition)
        #expect(tool.floor == row.floor)
    }

    @Test(.requirement("R022")) func `an override must be below a floor`() throws {
        let definition: JSONObject = [
            "name": "label", "inputSchema": ["type": "object"],
            "annotations": ["readOnlyHint": false],
        ]
        for (override, fits) in [(ToolClass.read, true), (.write, false), (.admin, false)] {
            let tool = try? LockFixture.tool(definition, override: override)
            #expect((tool != nil) == fits, "\(override)")
            if fits { #expect(tool?.leastClass == override) }
        }
        let plain: JSONObject = ["name": "label", "inputSchema": ["type": "object"]]
        #expect((try? LockFixture.tool(plain, override: .read)) == nil)
    }

    @Test func `an alias is a name of its own at its server`() throws {
        func lock(_ aliases: [String: String?]) throws -> PolicyLock {
            try LockFixture.lock(
                tools: Dictionary(
                    uniqueKeysWithValues: aliases.map { name, alias in
                        let definition: JSONObject = [
                            "name": .string(name), "inputSchema": ["type": "object"],
                        ]
                        return (
                            name,
                            try LockedTool(
                                definition: definition, name: try #require(ToolName(name)),
                                alias: alias, reviewed: try LockFixture.review, hashing: hashing)
                        )
                    }))
        }
        let long = String(repeating: "a", count: 123)
        #expect(try lock(["one": "first", "two": nil]).aliases.count == 1)
        for bad in [
            ["one": "two", "two": nil], ["one": "x", "two": "x"], ["one": "one"], ["one": long],
        ] as [[String: String?]] {
            #expect(throws: FormError.self, "\(bad)") { try lock(bad) }
        }
    }

    @Test func `what RFC 8785 cannot carry has no pin`() throws {
        let large = JSONNumber(text: "9007199254740993", double: 9_007_199_254_740_992)
        #expect(throws: FormError.self) {
            try LockFixture.tool([
                "name": "label", "inputSchema": ["type": "object", "maximum": .number(large)],
            ])
        }
    }

    @Test func `a definition deeper or larger than the limit has no pin`() throws {
        func nested(_ levels: Int) -> JSONValue {
            (0..<levels).reduce(JSONValue.object([:])) { inner, _ in ["items": inner] }
        }
        func tool(_ schema: JSONValue, _ description: String = "") throws -> LockedTool {
            try LockFixture.tool([
                "name": "label", "description": .string(description),
                "inputSchema": ["type": "object", "items": schema],
            ])
        }
        // The definition and its schema are two levels, the innermost object is one.
        let deepest = LockedTool.deepestDefinition - 3
        let fits = try tool(nested(deepest))
        let lock = try LockFixture.lock(tools: ["label": fits])
        _ = try PolicyLock(parsing: try lock.canonical(), hashing: hashing)
        #expect(throws: FormError.self) { try tool(nested(deepest + 1)) }
        #expect(throws: FormError.self) {
            try tool([:], String(repeating: "x", count: LockedTool.largestDefinition))
        }
    }

    @Test func `more servers or tools than the limit are refused`() throws {
        let one = try #require(try LockFixture.lock(tools: [:]).servers.values.first)
        func servers(_ count: Int) throws -> [ServerName: LockedServer] {
            var servers: [ServerName: LockedServer] = [:]
            for number in 0..<count { servers[try #require(ServerName("s\(number)"))] = one }
            return servers
        }
        let most = try PolicyLock(servers: try servers(PolicyLock.mostServers), hashing: hashing)
        _ = try PolicyLock(parsing: try most.canonical(), hashing: hashing)
        #expect(throws: FormError.self) {
            try PolicyLock(servers: try servers(PolicyLock.mostServers + 1), hashing: hashing)
        }
        var tools = JSONObject()
        for number in 0...LockedServer.mostTools { tools["t\(number)"] = .null }
        let root = LockFixture.setting(
            .object(tools), at: ["servers", "desk", "tools"], in: try LockFixture.lock().json)
        expectRefused(root, "servers.desk.tools", says: "at most 2000")
    }

    @Test func `a file above the limit is not even parsed`() {
        let bytes = [UInt8](repeating: 0x20, count: PolicyLock.largest + 1)
        #expect(throws: FormError.self) { try PolicyLock(parsing: bytes, hashing: hashing) }
    }

    @Test func `connect must reach what was reviewed`() throws {
        let lock = try LockFixture.lock()
        let names = lock.servers.keys.sorted()
        try #require(names.map(\.text) == ["desk", "net"])
        let desk = try #require(lock.servers[names[0]])
        let net = try #require(lock.servers[names[1]])
        #expect(desk.difference(from: .stdio(["/usr/bin/desk", "--all"])) == nil)
        #expect(desk.difference(from: .stdio(["/usr/bin/desk"])) != nil)
        #expect(desk.difference(from: .http("https://net.acme.example/mcp")) != nil)
        #expect(net.difference(from: .http("https://net.acme.example/mcp")) == nil)
        #expect(net.difference(from: .http("https://net.acme.example/mcp/")) != nil)
        #expect(net.difference(from: .stdio(["/usr/bin/desk", "--all"])) != nil)
    }

    @Test func `the lock is part of the policy's digest`() throws {
        let text = """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers: {desk: {tools: {label: {class: write, effects: [reversible]}}}}
            """
        let document = try #require(PolicyReader.read(policyFiles(text)).document)
        func digest(_ use: LockUse) throws -> Digest {
            try PolicySnapshot(
                compiling: document, lock: use, with: testEngines, at: exampleTime, hashing: hashing
            ).digest
        }
        let lock = try LockFixture.lock()
        let empty = try PolicyLock(servers: [:], hashing: hashing)
        let all = [try digest(.absent), try digest(.read(lock)), try digest(.read(empty))]
        #expect(Set(all).count == 3)
        #expect(try digest(.ignored) == all[0])
    }

    @Test func `a policy below the floor of its lock is not compiled`() throws {
        let text = """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers: {desk: {tools: {label: {class: read}}}}
            """
        let document = try #require(PolicyReader.read(policyFiles(text)).document)
        let lock = LockUse.read(
            try LockFixture.lock(tools: ["label": try LockFixture.tool(LockFixture.label)]))
        let refusal = #expect(throws: PolicyRefusal.self) {
            try PolicySnapshot(
                compiling: document, lock: lock, with: testEngines, at: exampleTime,
                hashing: hashing)
        }
        #expect(refusal?.findings.map(\.code) == [.classBelowFloor])
    }

    @Test func `a finding about a lock is one line, whatever names stand there`() throws {
        let root = LockFixture.setting(
            ["a\n\u{1b}[2J\u{202e}b": 1], at: ["servers", "desk", "tools"],
            in: try LockFixture.lock().json)
        let bytes = root.serialized()
        let error = #expect(throws: FormError.self) {
            try PolicyLock(parsing: bytes, hashing: hashing)
        }
        let finding = Finding(lock: try #require(error), file: "interlock.lock", bytes: bytes)
        #expect(finding.text.unicodeScalars.allSatisfy { $0 != "\n" && $0 != "\u{1b}" })
        #expect(finding.text.hasPrefix("interlock.lock:1:1 E406 `servers.desk.tools.a"))
    }

    /// A damaged lock is either refused or has exactly the content of its text.
    @Test func `a damaged lock is refused or read as it stands`() throws {
        var random = SeededGenerator.announced()
        let original = try LockFixture.lock().canonical()
        let alphabet = Array("{}[]:,\"0a.-\\ ".utf8)
        var read = 0
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0...Int.random(in: 0...1, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.remove(at: place)
                default: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                }
            }
            guard let lock = try? PolicyLock(parsing: bytes, hashing: hashing) else { continue }
            read += 1
            let value = try JSONValue(parsing: bytes, limits: .agent)
            #expect(try lock.canonical() == value.canonical())
            for tool in lock.servers.values.flatMap({ $0.tools.values }) {
                #expect(hashing.sha256(try tool.definition.canonical()) == tool.pin)
            }
        }
        #expect(read > 0 && read < 3000, "\(read) were read")
    }

    private func expectRefused(
        _ root: JSONValue, _ what: String, says: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do throws(FormError) {
            _ = try PolicyLock(parsing: root.serialized(), hashing: hashing)
            Issue.record("\(what) is accepted", sourceLocation: sourceLocation)
        } catch {
            #expect("\(error)".contains(says), sourceLocation: sourceLocation)
        }
    }
}

/// The same value with all members in reverse order.
private func reversed(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
        .object(
            JSONObject(
                distinct: object.members.reversed().map { ($0.key, reversed($0.value)) }))
    case .array(let elements): .array(elements.map(reversed))
    default: value
    }
}
