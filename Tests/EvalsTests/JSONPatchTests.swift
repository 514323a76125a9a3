import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Changes of the state of a fake server (RFC 6902).
@Suite(.requirement("R115")) struct JSONPatchTests {
    private static func path(_ text: String) -> JSONPath { JSONPath(text).unwrapped }

    private static func patched(
        _ document: JSONValue, _ operations: [JSONPatch.Operation]
    ) -> JSONValue? {
        try? JSONPatch(operations).applied(to: document)
    }

    private static func check(
        _ document: JSONValue, _ operations: [JSONPatch.Operation], _ expected: JSONValue?
    ) {
        #expect(patched(document, operations) == expected, "\(operations)")
    }

    /// RFC 6902, appendix A.
    @Test func `the examples of the specification`() {
        let path = Self.path
        Self.check(["foo": "bar"], [.add(path("/baz"), "qux")], ["baz": "qux", "foo": "bar"])
        Self.check(
            ["foo": ["bar", "baz"]], [.add(path("/foo/1"), "qux")], ["foo": ["bar", "qux", "baz"]])
        Self.check(["baz": "qux", "foo": "bar"], [.remove(path("/baz"))], ["foo": "bar"])
        Self.check(
            ["foo": ["bar", "qux", "baz"]], [.remove(path("/foo/1"))], ["foo": ["bar", "baz"]])
        Self.check(
            ["baz": "qux", "foo": "bar"], [.replace(path("/baz"), "boo")],
            ["baz": "boo", "foo": "bar"])
        Self.check(
            ["foo": ["bar": "baz", "waldo": "fred"], "qux": ["corge": "grault"]],
            [.move(from: path("/foo/waldo"), to: path("/qux/thud"))],
            ["foo": ["bar": "baz"], "qux": ["corge": "grault", "thud": "fred"]])
        Self.check(
            ["foo": ["all", "grass", "cows", "eat"]],
            [.move(from: path("/foo/1"), to: path("/foo/3"))],
            ["foo": ["all", "cows", "eat", "grass"]])
        let eighth: JSONValue = ["baz": "qux", "foo": ["a", 2, "c"]]
        Self.check(eighth, [.test(path("/baz"), "qux"), .test(path("/foo/1"), 2)], eighth)
        Self.check(["baz": "qux"], [.test(path("/baz"), "bar")], nil)
        Self.check(
            ["foo": "bar"], [.add(path("/child"), ["grandchild": [:]])],
            ["foo": "bar", "child": ["grandchild": [:]]])
        Self.check(["foo": "bar"], [.add(path("/baz/bat"), "qux")], nil)
        let fourteenth: JSONValue = ["/": 9, "~1": 10]
        Self.check(fourteenth, [.test(path("/~01"), 10)], fourteenth)
        Self.check(fourteenth, [.test(path("/~01"), "10")], nil)
        Self.check(
            ["foo": ["bar"]], [.add(path("/foo/-"), ["abc", "def"])],
            ["foo": ["bar", ["abc", "def"]]])
    }

    @Test func `the whole document is added, replaced, copied and tested, and not removed`() {
        let root = Self.path("")
        Self.check([1], [.add(root, 2)], 2)
        Self.check([1], [.replace(root, 2), .test(root, 2)], 2)
        Self.check([1], [.remove(root)], nil)
        Self.check(
            ["a": 1], [.copy(from: root, to: Self.path("/b"))], ["a": 1, "b": ["a": 1]])
    }

    /// A place that is missing, or not a pointer.
    private static let missing: [JSONPatch.Operation] = [
        .remove(path("/b")), .replace(path("/b"), 1), .test(path("/b"), 1),
        .copy(from: path("/b"), to: path("/c")), .move(from: path("/b"), to: path("/c")),
        .add(path("/list/3"), 1), .add(path("/list/01"), 1), .remove(path("/list/-")),
        .add(path("/list/x"), 1), .add(path("/a/x"), 1), .replace(path("/list/2"), 1),
        .move(from: path("/list"), to: path("/list/0")),
    ]

    @Test(arguments: missing)
    func `an operation about a place that is not there fails`(_ operation: JSONPatch.Operation) {
        Self.check(["a": 1, "list": [1, 2]], [operation], nil)
    }

    @Test func `numbers are compared by their value, and texts by their bytes`() {
        let one = JSONValue.number(JSONNumber(text: "1.0", double: 1))
        Self.check([one], [.test(Self.path("/0"), 1)], [one])
        Self.check(["\u{e9}"], [.test(Self.path("/0"), "e\u{301}")], nil)
        Self.check([true], [.test(Self.path("/0"), 1)], nil)
        Self.check([.null], [.test(Self.path("/0"), .null)], [.null])
    }

    @Test func `a document that doubles is refused before it is large`() {
        let root = Self.path("")
        let twice = (0..<40).map { JSONPatch.Operation.copy(from: root, to: Self.path("/a\($0)")) }
        #expect(throws: JSONPatch.Fault.self) {
            try JSONPatch(twice).applied(to: ["x": .string(String(repeating: "y", count: 1000))])
        }
        let nested = (0..<4).map { _ in
            JSONPatch.Operation.copy(from: root, to: Self.path(String(repeating: "/a", count: 31)))
        }
        var deep: JSONValue = ["a": 1]
        for _ in 0..<31 { deep = ["a": deep] }
        #expect(throws: JSONPatch.Fault.tooLarge(operation: 1)) {
            try JSONPatch(nested).applied(to: deep)
        }
    }

    @Test func `a failing patch changes nothing, and one that is applied is applied whole`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(2000) {
            let operations = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Self.operation(&random)
            }
            let patch = JSONPatch(operations)
            let document: JSONValue = ["a": [1, 2, 3], "b": ["c": "d"]]
            var world = World(WorldExample.fixture(state: document, patch: patch))
            let answer = world.call(WorldExample.tool, [:])
            if let changed = try? patch.applied(to: document) {
                #expect(!answer.isError && world.gaps.isEmpty)
                #expect(world.state["shop"] == changed, "\(operations)")
            } else {
                #expect(answer.isError && world.gaps.count == 1)
                #expect(world.state["shop"] == document, "\(operations)")
            }
        }
    }

    private static func operation(_ random: inout SeededGenerator) -> JSONPatch.Operation {
        let paths = ["", "/a", "/a/0", "/a/2", "/a/-", "/b", "/b/c", "/b/e", "/f"].map(path)
        func one() -> JSONPath { paths.randomElement(using: &random) ?? path("") }
        switch Int.random(in: 0...5, using: &random) {
        case 0: return .add(one(), 7)
        case 1: return .remove(one())
        case 2: return .replace(one(), [8])
        case 3: return .move(from: one(), to: one())
        case 4: return .copy(from: one(), to: one())
        default: return .test(one(), [1, 2, 3])
        }
    }
}
