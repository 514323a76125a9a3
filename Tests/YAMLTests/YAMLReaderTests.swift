import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockYAML

/// The nodes made of libyaml's events; the policy's golden files cover the findings of the subset.
@Suite struct YAMLReaderTests {
    @Test func `Scalars stay text, with style and place`() throws {
        let text = "a: no\nb: \"017\"\n'c':  13:00\nd: |\n  x\n  y\né: ü1\n"
        let reading = readYAML(Array(text.utf8), file: "x.yaml")
        #expect(reading.findings.isEmpty)
        let entries = try mapping(reading.root)
        #expect(entries.map(\.key) == ["a", "b", "c", "d", "é"])
        let scalars = entries.compactMap { entry -> String? in
            guard case .scalar(let scalar) = entry.value.content else { return nil }
            return "\(entry.value.line):\(entry.value.column) \(scalar.style) \(scalar.isOneLine) "
                + scalar.text
        }
        #expect(
            scalars == [
                "1:4 plain true no", "2:4 doubleQuoted true 017", "3:7 plain true 13:00",
                "4:4 literal false x\ny\n", "7:4 plain true ü1",
            ])
    }

    @Test func `Columns count code points, not bytes`() throws {
        let reading = readYAML(Array("{ééé: 1, b: 😀x, c: 2}".utf8), file: "x.yaml")
        let entries = try mapping(reading.root)
        #expect(entries.map(\.keyColumn) == [2, 10, 17])
    }

    @Test func `Sequences nest and keep their order`() throws {
        let reading = readYAML(Array("- [a, [b]]\n- {}\n-\n".utf8), file: "x.yaml")
        guard case .sequence(let items)? = reading.root?.content else {
            Issue.record("not a sequence")
            return
        }
        #expect(items.count == 3)
        #expect(items.map(\.line) == [1, 2, 3])
    }

    @Test func `A billion laughs is refused at once`() {
        var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (index, name) in "bcdefghi".enumerated() {
            let before = index == 0 ? "a" : String(Array("bcdefghi")[index - 1])
            text += "\(name): &\(name) [*\(before), *\(before), *\(before), *\(before)]\n"
        }
        let reading = readYAML(Array(text.utf8), file: "x.yaml")
        #expect(reading.root == nil)
        #expect(reading.nodeCount < 100)
        #expect(reading.findings.allSatisfy { $0.code == .anchor })
    }

    @Test(arguments: ["[", "{", "- ", "? ", "a: "])
    func `Deep nesting is refused with few nodes`(opening: String) {
        let text = String(repeating: opening, count: 200_000)
        let reading = readYAML(Array(text.utf8), file: "x.yaml")
        #expect(reading.root == nil)
        #expect(reading.nodeCount < 100)
        #expect(!reading.findings.isEmpty)
    }

    @Test func `Bytes that are not UTF-8 are refused at their place`() {
        let reading = readYAML([0x61, 0x3a, 0x20, 0xff, 0x0a], file: "x.yaml")
        #expect(reading.findings.map(\.text) == ["x.yaml:1:4 E101 the file is not UTF-8"])
    }

    @Test func `Any bytes give a tree or a finding whose place is in the file`() {
        var state: UInt64 = 20_261_120
        let alphabet = Array("ab:-[]{},\"'|>&*!%#?<~ \n\n  0x\u{e9}".utf8)
        for _ in 0..<2000 {
            var bytes: [UInt8] = []
            for _ in 0..<60 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            let reading = readYAML(bytes, file: "x.yaml")
            #expect((reading.root == nil) == !reading.findings.isEmpty)
            let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).count
            for finding in reading.findings {
                #expect((1...lines + 1).contains(finding.place.line), "\(bytes)")
                #expect(finding.place.column >= 1)
            }
        }
    }

    private func mapping(_ node: YAMLNode?) throws -> [YAMLEntry] {
        guard case .mapping(let entries)? = node?.content else {
            throw PolicyFolderError("not a mapping", 0)
        }
        return entries
    }
}
