import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The location in the file of an offset in a guard's text.
@Suite struct GuardPlaceTests {
    /// The guard of each case is the value of `when`, and the `@` in it is located in the file.
    @Test(arguments: [
        "when: abc @",
        "a: [x, y]\nwhen:    é𝄞 @ # after",
        "when: 'it''s ''é'' @'",
        #"when: "plain @""#,
        #"when: "a\"b\\ \x41\u00e9\U0001F600\n\t é@""#,
        #"{b: "\\\"", c: "é\n", when: "\x41@"}"#,
        "when: |\n  first\n  @second",
        "x:\n  - when: |-\n\n      é first\n\n        deeper @\n      third\n",
        "when: |2\n    indented text\n  @",
        "when: | # a comment\n  é\n   @",
        "a: |\n  other\n   text\nwhen: |+\n\n\n    @\n\n",
        "when: |\r\n  first\r\n  @second\r\n",
    ])
    func `each style maps to the exact line and column`(text: String) throws {
        let (scalar, place) = try #require(Self.guardNode(text))
        let guardText = GuardText(
            source: scalar.text, style: scalar.style, layout: scalar.layout, place: place)
        let offset = try #require(
            Array(scalar.text.unicodeScalars).firstIndex(of: "@"), "\(scalar.text)")
        #expect(guardText.place(ofOffset: offset) == Self.place(of: "@", in: text))
    }

    @Test func `an offset past the end stays within the columns of the quotes`() throws {
        let (scalar, place) = try #require(Self.guardNode(#"when: "a\x41""#))
        let guardText = GuardText(
            source: scalar.text, style: scalar.style, layout: scalar.layout, place: place)
        #expect(guardText.place(ofOffset: 2).column == 13)
        #expect(guardText.place(ofOffset: 99).column == 13)
    }

    private static func guardNode(_ text: String) -> (YAMLScalar, PolicyLocation)? {
        func find(_ node: YAMLNode) -> (YAMLScalar, PolicyLocation)? {
            switch node.content {
            case .scalar: return nil
            case .sequence(let items): return items.lazy.compactMap(find).first
            case .mapping(let entries):
                for entry in entries {
                    if entry.key == "when", case .scalar(let scalar) = entry.value.content {
                        let (line, column) = (entry.value.line, entry.value.column)
                        return (scalar, PolicyLocation(file: "f", line: line, column: column))
                    }
                    if let found = find(entry.value) { return found }
                }
                return nil
            }
        }
        return readYAML(Array(text.utf8), file: "f").root.flatMap(find)
    }

    private static func place(of mark: Unicode.Scalar, in text: String) -> PolicyLocation {
        var line = 1
        var column = 1
        for scalar in text.unicodeScalars {
            if scalar == mark { break }
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return PolicyLocation(file: "f", line: line, column: column)
    }
}
