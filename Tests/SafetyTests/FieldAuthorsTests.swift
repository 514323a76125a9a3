import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockSafety

/// Fields of a structured result whose authors differ (docs/specs/output-safety.md, section 7).
@Suite(.requirement("R084")) struct FieldAuthorsTests {
    private func split(
        _ document: JSONValue, trusted: [[String]] = [], untrusted: [[String]] = [],
        isTrusted: Bool
    ) -> FieldAuthors.Split {
        FieldAuthors(trusted: trusted, untrusted: untrusted).split(document, isTrusted: isTrusted)
    }

    @Test func `a path leads to all below it, through objects and lists`() {
        let found = split(
            ["id": "C-1", "notes": "eve", "list": [["id": ["x": "a"], "text": "b"]]],
            trusted: [["id"], ["list", "id"]], isTrusted: false)
        #expect(found.trusted == ["C-1", ["x": "a"]])
        #expect(found.untrusted == ["id", "notes", "eve", "list", "id", "text", "b"])
    }

    @Test func `the longest path decides, and untrusted wins`() {
        let document: JSONValue = ["a": ["b": 1, "c": 2], "d": 3]
        let inner = split(
            document, trusted: [["a", "b"]], untrusted: [["a"]], isTrusted: true)
        #expect(inner.trusted == ["a", 1, "d", 3] && inner.untrusted == ["b", "c", 2])
        let same = split(document, trusted: [["a"]], untrusted: [["a"]], isTrusted: true)
        #expect(same.untrusted == [["b": 1, "c": 2]])
    }

    @Test func `another spelling of a name is no trusted field, and is an untrusted one`() {
        #expect(split(["ID": "x"], trusted: [["id"]], isTrusted: false).trusted.isEmpty)
        #expect(split(["NOTES": "x"], untrusted: [["notes"]], isTrusted: true).untrusted == ["x"])
    }

    @Test func `without paths all is of one author`() {
        for isTrusted in [true, false] {
            let found = split(["a": [1, 2]], isTrusted: isTrusted)
            #expect((isTrusted ? found.trusted : found.untrusted) == [["a": [1, 2]]])
            #expect((isTrusted ? found.untrusted : found.trusted).isEmpty)
        }
    }
}
