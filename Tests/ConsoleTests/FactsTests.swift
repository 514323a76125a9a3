import Testing

@testable import InterlockMarkup

/// Facts are in lists of at most eight (docs/specs/console.md, section 3).
struct FactsTests {
    private func facts(_ groups: [(name: String?, count: Int)]) -> Facts {
        var (facts, number) = (Facts(), 0)
        for (name, count) in groups {
            if let name { facts.group(name) }
            for _ in 0..<count {
                number += 1
                facts.add("Fact \(number)", text: "value \(number)")
            }
        }
        return facts
    }

    /// The number of facts in each list, and the headings.
    private func lists(_ facts: Facts) -> (counts: [Int], headings: [String]) {
        let page = String(decoding: facts.html.bytes, as: UTF8.self)
        let counts = page.split(separator: "<dl", omittingEmptySubsequences: false).dropFirst()
            .map { $0.ranges(of: "<dt>").count }
        let headings = page.split(separator: "<h3>", omittingEmptySubsequences: false).dropFirst()
            .map { String($0.prefix { $0 != "<" }) }
        return (counts, headings)
    }

    @Test func `eight facts are one list without headings, whatever their groups`() {
        let lists = lists(facts([("Agent", 3), ("Run", 5)]))
        #expect(lists.counts == [8] && lists.headings.isEmpty)
        #expect(self.lists(Facts()).counts == [0])
    }

    @Test func `more facts are one list of each group, with its heading`() {
        let lists = lists(facts([("Agent", 3), ("Nothing", 0), ("Run", 6)]))
        #expect(lists.counts == [3, 6] && lists.headings == ["Agent", "Run"])
    }

    @Test func `a group of more than eight has several lists, and none is lost or moved`() {
        let many = facts([(nil, 9), ("Other facts", 17)])
        let lists = lists(many)
        #expect(lists.counts == [8, 1, 8, 8, 1] && lists.headings == ["Other facts"])
        let page = String(decoding: many.html.bytes, as: UTF8.self)
        let values = page.split(separator: "<dd>").dropFirst().map {
            $0.split(separator: "value ").last?.prefix { $0.isNumber } ?? ""
        }
        #expect(values == (1...26).map { Substring("\($0)") })
    }
}
