import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockProvenance

/// The readers of what Git prints.
@Suite(.requirement("R140")) struct `Output of Git` {
    private static let one = String(repeating: "1", count: 40)
    private static let two = String(repeating: "2", count: 40)
    private static let zero = String(repeating: "0", count: 40)

    private func diff(_ text: String) throws -> GitDiff {
        try GitDiff(Array(text.replacing("|", with: "\0").utf8))
    }

    @Test func `commits, a merge, a removed and a binary file are read`() throws {
        let found = try diff(
            """
            \(Self.one)|:100644 100755 \(Self.two) \(Self.one) M|a b|:100644 000000 \(Self.two) \(Self.zero) D|gone|\
            1\t2\ta b|0\t7\tgone|\(Self.two)|::100644 100644 100644 \(Self.one) \(Self.one) \(Self.two) MM|m|\
            -\t-\tm|3\t4\ttaken|
            """)
        #expect(found.commits.map { $0.commit?.text } == [Self.one, Self.two])
        let first = found.commits[0].entries
        #expect(first.map { String(decoding: $0.path.bytes, as: UTF8.self) } == ["a b", "gone"])
        #expect(first[0].blob?.text == Self.one && first[1].blob == nil)
        #expect(first[0].added == 1 && first[0].removed == 2 && first[1].removed == 7)
        #expect(found.commits[1].entries.map(\.blob?.text) == [Self.two])
    }

    @Test func `a link and a submodule have no content`() throws {
        let found = try diff(
            ":000000 120000 \(Self.zero) \(Self.one) A|l|:000000 160000 \(Self.zero) \(Self.two) A|s|"
        )
        #expect(found.commits.first?.entries.map(\.blob) == [nil, nil])
        #expect(found.commits.first?.commit == nil)
    }

    @Test func `the files of a tree are read, and a link or a submodule is none`() throws {
        let text =
            "100644 blob \(Self.one)\ta b|100755 blob \(Self.two)\tbin/run|"
            + "120000 blob \(Self.one)\tl|160000 commit \(Self.two)\ts/\tx|"
        let tree = try GitTree(Array(text.replacing("|", with: "\0").utf8))
        #expect(tree.entries.map(\.kind) == [.file, .executable, .other, .other])
        let paths = tree.entries.map { String(decoding: $0.path.bytes, as: UTF8.self) }
        #expect(paths == ["a b", "bin/run", "l", "s/\tx"])
        #expect(tree.entries[0].object.text == Self.one)
        #expect(try GitTree([]).entries.isEmpty)
    }

    @Test(arguments: [
        "100644 blob 1\ta|", "100644 tree \(one)\ta|", "040000 tree \(one)\ta|",
        "100644 blob \(one)\t../a|", "100644 blob \(one)\t/a|", "100644 blob \(one) a|",
        "100644 blob \(one)\ta|100644 blob \(two)\ta|", "100644 blob \(one)\ta", "|",
    ])
    func `a listing with anything else is none`(_ text: String) {
        #expect(throws: GitDiffError.self) {
            _ = try GitTree(Array(text.replacing("|", with: "\0").utf8))
        }
    }

    @Test func `a name that holds a tab or a line feed is a name`() throws {
        let found = try diff(":000000 100644 \(Self.zero) \(Self.one) A|a\tb\nc|5\t0\ta\tb\nc|")
        #expect(found.commits.first?.entries.first?.added == 5)
    }

    @Test(arguments: [
        "x|", ":100644|a|", "\(one)", "a\tb\tc|", ":000000 100644 \(zero) \(one) A|../x|",
        ":000000 100644 \(zero) \(one) A|a|:000000 100644 \(zero) \(one) A|a|",
    ])
    func `anything else is refused`(_ text: String) {
        #expect(throws: GitDiffError.self) { _ = try diff(text) }
    }

    @Test func `headers and messages of objects are read`() {
        #expect(GitObjectHead(Array("\(Self.one) blob 12".utf8))?.size == 12)
        #expect(GitObjectHead(Array("\(Self.one) missing".utf8)) == nil)
        #expect(GitObjectHead(Array("\(Self.one) blob -1".utf8)) == nil)
        let commit = Array("tree x\nauthor a\n\nFix\n\nBody\n".utf8)
        #expect(
            String(decoding: GitCommitObject.message(of: commit), as: UTF8.self) == "Fix\n\nBody\n")
        #expect(GitCommitObject.message(of: Array("tree x\n".utf8)).isEmpty)
    }

    @Test func `any bytes are refused or read`() {
        var random = SeededGenerator.announced()
        let pieces = ["\0", ":", " ", "\t", Self.one, Self.zero, "100644", "M", "a", "-", "1"]
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<20, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            _ = try? GitDiff(Array(text.utf8))
        }
    }
}
