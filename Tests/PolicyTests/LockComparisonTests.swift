import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// The differences that a person must review before a new entry is accepted.
@Suite struct `The difference from the lock` {
    private func comparison(
        _ change: (inout LockedServer) throws -> Void
    ) throws -> LockComparison {
        let old = try #require(try LockFixture.lock().servers[try LockFixture.desk])
        var new = old
        try change(&new)
        return LockComparison(of: try LockFixture.desk, from: old, to: new)
    }

    @Test func `the same entry has no difference`() throws {
        let comparison = try comparison { _ in }
        #expect(comparison.state == .same)
        #expect(comparison.changes.isEmpty && comparison.tools.map(\.state) == [.same])
    }

    @Test func `a changed description is one line with both texts`() throws {
        var definition = LockFixture.label
        definition["description"] = "Sends everything"
        let tool = try LockFixture.tool(definition)
        let comparison = try comparison { $0.tools[try #require(ToolName("label"))] = tool }
        #expect(comparison.state == .changed)
        #expect(
            comparison.tools.first?.changes.last
                == JSONChange(
                    path: "description", old: "Adds a label to a ticket", new: "Sends everything"))
        #expect(comparison.tools.first?.changes.map(\.path) == ["override", "description"])
    }

    @Test func `an override or an alias alone is a difference`() throws {
        let plain = try LockFixture.tool(LockFixture.label)
        let comparison = try comparison { $0.tools[try #require(ToolName("label"))] = plain }
        #expect(comparison.state == .changed)
        #expect(comparison.tools.first?.changes.map(\.path) == ["override"])
    }

    @Test func `new and gone tools are named`() throws {
        let tool = try LockFixture.tool(["name": "other", "inputSchema": ["type": "object"]])
        let comparison = try comparison { $0.tools = [try #require(ToolName("other")): tool] }
        #expect(comparison.tools.map { "\($0.name) \($0.state)" } == ["label gone", "other new"])
        #expect(comparison.tools.last?.changes.map(\.path) == ["inputSchema"])
    }

    @Test func `the way to the server counts, and so do its instructions`() throws {
        let comparison = try comparison {
            $0.origin = .program(
                LockedProgram(
                    installed: nil, argv: ["/usr/bin/desk", "--some"], environment: ["TZ"],
                    sandbox: "mcp"))
            $0.instructions = OpenSSLHashing().sha256([9])
        }
        #expect(comparison.changes.map(\.path) == ["package", "argv[1]", "instructions"])
    }

    @Test func `a whole entry is new or gone`() throws {
        let service = try LockFixture.desk
        let entry = try #require(try LockFixture.lock().servers[service])
        #expect(LockComparison(of: service, from: nil, to: entry).state == .new)
        #expect(LockComparison(of: service, from: entry, to: nil).state == .gone)
    }

    @Test func `one number in two spellings is no difference`() {
        let half = JSONNumber(text: "0.5", double: 0.5)
        let other = JSONNumber(text: "5e-1", double: 0.5)
        #expect(JSONChange.list(from: ["n": .number(half)], to: ["n": .number(other)]) == [])
        #expect(JSONChange.list(from: ["n": 1], to: ["n": .number(half)]).map(\.path) == ["n"])
    }

    /// Definitions with different pins are never shown as equal, and equal ones never as different.
    @Test func `there is a difference exactly where the canonical forms differ`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(2000) {
            let old = Self.value(depth: 3, &random)
            let new = Bool.random(using: &random) ? old : Self.value(depth: 3, &random)
            let isSame = try old.canonical() == new.canonical()
            #expect(JSONChange.list(from: old, to: new).isEmpty == isSame)
        }
    }

    private static func value(
        depth: Int, _ random: inout SeededGenerator
    ) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 5 : 3), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: 0...2, using: &random))
        case 3: return .string(["", "a", "b"].randomElement(using: &random) ?? "")
        case 4:
            let count = Int.random(in: 0...2, using: &random)
            return .array((0..<count).map { _ in value(depth: depth - 1, &random) })
        default:
            var object = JSONObject()
            for key in ["a", "b", "c"] where Bool.random(using: &random) {
                object[key] = value(depth: depth - 1, &random)
            }
            return .object(object)
        }
    }
}
