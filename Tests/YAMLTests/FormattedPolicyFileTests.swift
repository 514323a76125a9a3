import InterlockPolicy
import InterlockTesting
import InterlockYAML
import Testing

/// The one form of policy files. What is read before and after is compared by the reader's own tree.
@Suite struct FormattedPolicyFileTests {
    private func formatted(_ text: String) throws(PolicyFormatRefusal) -> FormattedPolicyFile {
        try FormattedPolicyFile(Array(text.utf8), file: "x.yaml")
    }

    private func check(
        _ text: String, _ expected: String, _ changes: [PolicyTextForm.Change],
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let found = try formatted(text)
        #expect(String(decoding: found.bytes, as: UTF8.self) == expected, sourceLocation: location)
        #expect(found.changes == changes, sourceLocation: location)
        let again = try FormattedPolicyFile(found.bytes, file: "x.yaml")
        #expect(again.bytes == found.bytes && again.changes.isEmpty, sourceLocation: location)
    }

    @Test func `line ends, blanks, empty lines and the last newline have one form`() throws {
        try check("a: 1\n# note\nb: [x]\n", "a: 1\n# note\nb: [x]\n", [])
        try check("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n", [.lineEnds])
        try check("a: 1  \nb: 2 # why \n", "a: 1\nb: 2 # why\n", [.trailingBlanks])
        try check(
            "\n\na: 1\n\n\n  \n\nb: 2\n\n\n", "a: 1\n\nb: 2\n", [.trailingBlanks, .emptyLines])
        try check("a: 1\nb: 2", "a: 1\nb: 2\n", [.finalNewline])
        try check(
            "a: 1 \r\n\r\n\r\nb: 2", "a: 1\n\nb: 2\n",
            [
                .lineEnds, .trailingBlanks, .emptyLines, .finalNewline,
            ])
    }

    @Test func `tabs become spaces where they have one meaning`() throws {
        try check("a:\n\tb: 1\n\tc:\n\t\td: 2\n", "a:\n  b: 1\n  c:\n    d: 2\n", [.tabs])
        try check("a: 1\n\t# note\n", "a: 1\n  # note\n", [.tabs])
        // Tabs of four columns would put `c` below `b`.
        let refusal = #expect(throws: PolicyFormatRefusal.self) {
            try formatted("a:\n  b:\n    x: 1\n\tc: 2\n")
        }
        guard case .ambiguousTab(line: 4)? = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        // A tab in a text stays a finding.
        #expect(throws: PolicyFormatRefusal.self) { try formatted("a: x\ty\n") }
        #expect(throws: PolicyFormatRefusal.self) { try formatted("a: |\n  x\n  \ty\n") }
    }

    @Test func `texts of several lines keep their blanks and empty lines`() throws {
        for text in [
            "a: |\n  x  \n\n\n  y\n", "a: >\n  x\n\n\n  y\nb: 1\n", "a: 'x\n\n\n  y'\n",
            "a: \"x\n\n\n  y\"\nb: 1\n", "a: x\n\n\n  y\nb: 1\n", "a: |+\n  x\n\n\n",
            "a: |+\n  x\n\n\nb: 1\n", "a: |\n  x\n     \nb: 1\n",
        ] { try check(text, text, []) }
        // Empty lines behind a block that does not keep them are no part of it.
        try check("a: |\n  x\n\n\n\nb: 1\n", "a: |\n  x\n\nb: 1\n", [.emptyLines])
        try check("a: |\n  x\n  \nb: 1\n", "a: |\n  x\n\nb: 1\n", [.trailingBlanks])
        try check("a: |-\n  x\n\n\n", "a: |-\n  x\n", [.emptyLines])
        try check("a: |\r\n  x \r\n  y\r\n", "a: |\n  x \n  y\n", [.lineEnds])
    }

    @Test func `a file whose value would change is refused, and one that cannot be read`() throws {
        let refusal = #expect(throws: PolicyFormatRefusal.self) { try formatted("a: |\n  x") }
        guard case .changesValue? = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        try check("a: |-\n  x", "a: |-\n  x\n", [.finalNewline])
        for text in ["", "\n\n", "a: [", "a: 1\rb: 2\n", "a: &x 1\n", "a: 1\na: 2\n"] {
            #expect(throws: PolicyFormatRefusal.self, "\(text)") { try formatted(text) }
        }
    }

    @Test func `whatever blanks are put in, the value and each comment stay`() throws {
        var random = SeededGenerator.announced()
        let pieces = [
            "a: 1", "b: [x, y]", "# a note", "c: |\n  line\n  next", "d: 'one\n\n  two'", "",
            "e: {f: 2} # why",
        ]
        for _ in 0..<300 {
            let lines = pieces.shuffled(using: &random).map { piece in
                piece + String(repeating: " ", count: Int.random(in: 0...2, using: &random))
                    + String(repeating: "\n", count: Int.random(in: 1...3, using: &random))
            }
            let text = lines.joined() + "z: 1\n"
            let found = try formatted(text)
            let (before, after) = (
                readYAML(Array(text.utf8), file: "x"), readYAML(found.bytes, file: "x")
            )
            let (one, two) = (try #require(before.root), try #require(after.root))
            #expect(one.hasSameValue(as: two), "\(text)")
            #expect(
                PolicyTextForm.visible(found.bytes) == PolicyTextForm.visible(Array(text.utf8)))
        }
    }

    @Test func `values that differ in style, order or text differ`() throws {
        func root(_ text: String) throws -> YAMLNode {
            try #require(readYAML(Array(text.utf8), file: "x").root)
        }
        let value = try root("a: 1\nb: [x, 'y']\n")
        #expect(value.hasSameValue(as: try root("a:   1\nb:\n  - x\n  - 'y'\n")))
        for other in ["a: '1'\nb: [x, 'y']\n", "b: [x, 'y']\na: 1\n", "a: 1\nb: [x]\n", "a: 1\n"] {
            #expect(!value.hasSameValue(as: try root(other)), "\(other)")
        }
    }

    @Test func `the examples have the form`() throws {
        let folder = TestFiles.root(from: #filePath) + "/Examples/policies"
        let paths = TestFiles.list(folder, suffix: ".yaml")
        #expect(!paths.isEmpty)
        for path in paths {
            let bytes = try #require(TestFiles.read(path))
            let found = try FormattedPolicyFile(bytes, file: path)
            #expect(found.changes.isEmpty && found.bytes == bytes, "\(path): \(found.changes)")
        }
    }
}
