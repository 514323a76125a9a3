import InterlockTesting
import Testing

@testable import InterlockJSON

/// The cost of input in steps: keys that normalise alike cost no more than others (docs/decisions/0037).
@Suite(.requirement("R151")) struct `Cost of JSON` {
    /// Keys that `String` hashes alike under every seed: `a` and the permutations of ten combining marks.
    private func object(_ count: Int, reversed: Bool = false) -> [UInt8] {
        let keys = CollidingKeys.first(count)
        let members = (reversed ? keys.reversed() : keys).map { "\"\($0)\":0" }
        return Array(("{" + members.joined(separator: ",") + "}").utf8)
    }

    /// Several objects in one array, so that none of them reaches a limit.
    private func body(_ count: Int) -> [UInt8] {
        let one = String(decoding: object(1000), as: UTF8.self)
        return Array(("[" + Array(repeating: one, count: count).joined(separator: ",") + "]").utf8)
    }

    @Test func `keys that normalise alike collide as strings and differ here`() {
        let keys = CollidingKeys.first(50)
        #expect(Set(keys.map(\.hashValue)).count == 1)
        #expect(Set(keys.map { ExactText($0).hashValue }).count == 50)
        #expect(Set(keys.map { JSONValue.string($0).hashValue }).count == 50)
    }

    @Test func `reading takes steps linear in the bytes`() {
        for count in [250, 1000, 4000, 9999] {
            let bytes = object(count)
            let steps = JSONValue.steps(parsing: bytes, limits: .agent)
            #expect(steps < 6 * bytes.count, "\(steps) steps for \(bytes.count) bytes")
        }
        let (once, twice) = (body(40), body(80))
        let steps = JSONValue.steps(parsing: once, limits: .agent)
        let more = JSONValue.steps(parsing: twice, limits: .agent)
        #expect(2 * more <= 5 * steps, "\(more) steps for twice the bytes of \(steps)")
    }

    @Test func `comparing trees takes steps linear in their size, in any order of members`() throws
    {
        let first = try JSONValue(parsing: object(8000), limits: .agent)
        let second = try JSONValue(parsing: object(8000, reversed: true), limits: .agent)
        var steps = 0
        #expect(first.equals(second, &steps))
        #expect(steps < 8000 * 30 * 6, "\(steps) steps")
        #expect(first == second)
        #expect(first.hashValue == second.hashValue)
    }

    @Test func `an object has at most ten thousand members`() throws {
        #expect(try JSONValue(parsing: object(10_000), limits: .agent).object?.count == 10_000)
        for limits in [JSONLimits.agent, .upstream, .stored] {
            let error = #expect(throws: JSONError.self) {
                try JSONValue(parsing: object(10_001), limits: limits)
            }
            #expect(error?.kind == .members)
        }
    }

    @Test(arguments: [0, 3, 16, 17, 40, 5000])
    func `members are found in objects of each size, also after changes`(_ count: Int) {
        var object = JSONObject()
        for key in 0..<count { object["k\(key)"] = .integer(Int64(key)) }
        #expect((0..<count).allSatisfy { object["k\($0)"] == .integer(Int64($0)) })
        #expect(object["k\(count)"] == nil)
        object["k0"] = nil
        object["new"] = true
        object["k1"] = "one"
        #expect(object["k0"] == nil)
        #expect(object["new"] == true)
        #expect(object["k1"] == "one")
        #expect((2..<max(2, count)).allSatisfy { object["k\($0)"] == .integer(Int64($0)) })
        #expect(JSONObject(distinct: object.members) == object)
        #expect(JSONObject(distinct: object.members.reversed()) == object)
    }

    /// Comparing and hashing strings sorts a sequence of combining marks in quadratic time.
    @Test func `a row of combining marks is bounded, wherever it stands`() throws {
        for before in [0, 1, 127, 254, 255, 256, 257, 1000] {
            for (scalar, escape) in [("\u{301}", #"\u0301"#), ("\u{1d165}", #"\ud834\udd65"#)] {
                let start = String(repeating: "a", count: before)
                for (count, isTaken) in [(128, true), (129, false), (5000, false)] {
                    for mark in [scalar, escape] {
                        let row = String(repeating: mark, count: count)
                        let bytes = Array("[\"\(start)\(row)z\"]".utf8)
                        let value = try? JSONValue(parsing: bytes, limits: .agent)
                        #expect((value != nil) == isTaken, "\(before) \(count) \(mark)")
                    }
                }
            }
        }
        let key = "{\"a\(String(repeating: "\u{301}", count: 200))\":0}"
        #expect(throws: JSONError(.marks, offset: 2)) {
            try JSONValue(parsing: Array(key.utf8), limits: .agent)
        }
    }

    @Test func `other text of any length is taken`() throws {
        for text in ["a", "é", "漢", "😀", "e\u{301}", "\u{1100}\u{1161}", "ก\u{e48}"] {
            let long = JSONValue.string(String(repeating: text, count: 3000))
            #expect(try JSONValue(parsing: long.serialized(), limits: .agent) == long)
        }
    }
}
