import InterlockJSON
import InterlockTesting
import Testing

@Suite(.requirement("R151")) struct `order of keys` {
    @Test
    func `members are ordered as the UTF-16 units of their keys, whatever those have in common`()
        throws
    {
        var random = SeededGenerator.announced()
        for _ in 0..<400 {
            var keys: Set<ExactText> = []
            for _ in 0..<Int.random(in: 2...60, using: &random) {
                keys.insert(randomKey(&random))
            }
            let shuffled = keys.texts.shuffled(using: &random)
            let object = JSONObject(distinct: shuffled.map { ($0, .null) })
            let sorted = shuffled.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
            let expected = "{" + sorted.map { "\(quoted($0)):null" }.joined(separator: ",") + "}"
            #expect(String(decoding: try object.canonical(), as: UTF8.self) == expected)
        }
    }

    @Test func `a key comes before those that go on with zeros`() throws {
        let keys = (0...20).map { "a" + String(repeating: "\0", count: $0) }
        let object = JSONObject(
            distinct: keys.reversed().map { ($0, .integer(Int64($0.utf8.count))) })
        let expected = JSONObject(distinct: keys.map { ($0, .integer(Int64($0.utf8.count))) })
        #expect(try object.canonical() == expected.serialized())
    }

    /// A key of a few letters with common prefixes, so that keys differ at any position or one is a prefix of another.
    private func randomKey(_ random: inout SeededGenerator) -> String {
        let letters = ["a", "b", "\0", "é", "\u{ffff}", "\u{e000}", "\u{10000}", "\u{1f469}"]
        var key = String(
            repeating: "a", count: [0, 3, 7, 8, 9, 16, 40].randomElement(using: &random)!)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            key += letters.randomElement(using: &random)!
        }
        return key
    }

    private func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }
}
