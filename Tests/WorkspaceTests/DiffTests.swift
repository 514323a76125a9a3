import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockWorkspace
import Testing

/// The changes of a run, seen through the layers of the overlay.
@Suite(.requirement("R078"))
struct DiffTests {
    @Test func `the form of a diff is that of the specification`() {
        let found = diff(
            ["src": directory(), "src/a.c": file(1), "old": file(2), "d": directory()],
            [
                "src": directory(), "src/a.c": file(812), ".vscode": directory(),
                ".vscode/tasks.json": file(64), "old": .whiteout, "l": link("src/a.c"),
                "d": file(5), "p": .special(.fifo),
            ])
        let zero = String(repeating: "0", count: 48)
        func hex(_ number: UInt64) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits + zero
        }
        #expect(
            found.json["entries"]?.array?.map { String(decoding: $0.serialized(), as: UTF8.self) }
                == [
                    #"{"path":".vscode","kind":"dir","op":"create","flags":["executes_later"],"mode":"0755"}"#,
                    #"{"path":".vscode/tasks.json","kind":"file","op":"create","flags":["executes_later"],"#
                        + #""size":64,"mode":"0644","sha256":"\#(hex(64))"}"#,
                    #"{"path":"d","kind":"file","op":"replace","flags":[],"size":5,"mode":"0644","#
                        + #""sha256":"\#(hex(5))","was":"dir"}"#,
                    #"{"path":"l","kind":"symlink","op":"create","flags":[],"target":"src/a.c"}"#,
                    #"{"path":"old","kind":"delete","op":"delete","flags":[],"was":"file","#
                        + #""lower_sha256":"\#(hex(2))"}"#,
                    #"{"path":"p","kind":"special","op":"create","flags":["special_file"],"reason":"fifo"}"#,
                    #"{"path":"src/a.c","kind":"file","op":"modify","flags":[],"size":812,"mode":"0644","#
                        + #""sha256":"\#(hex(812))","lower_sha256":"\#(hex(1))"}"#,
                ])
        #expect(found.json["run"]?.string == testRun.text)
        #expect(found.json["base"]?.string == content(1).prefixed)
        #expect(found.flagged == 3)
    }

    @Test func `what was prepared and what was written as it was are no changes`() {
        let prepared = [
            ".git": directory(), ".git/config": file(9), "d": directory(), "d/x": .whiteout,
        ]
        let base = [
            ".git": directory(), ".git/config": file(1), "d": directory(), "d/x": TreeNode.hidden,
            "a": file(4),
        ]
        #expect(diff(base, ["a": file(4)], prepared: prepared).changes.isEmpty)
        let touched = diff(base, [".git/config": file(8)], prepared: prepared)
        #expect(touched.changes.map(\.lowerDigest) == [content(1)])
        #expect(touched.changes.first?.isOfGit == true)
    }

    @Test func `an opaque directory covers what was there`() {
        let base = ["d": directory(), "d/a": file(1), "d/b": file(2), "d.c": file(3)]
        let found = diff(base, ["d": directory(opaque: true), "d/b": file(2)])
        #expect(found.changes.map(\.path.escaped) == ["d/a"])
        #expect(found.changes.map(\.kind) == [.delete])
        let file = diff(base, ["d": file(7)])
        #expect(file.changes.map(\.path.escaped) == ["d", "d/a", "d/b"])
        let gone = diff(base, ["d": .whiteout])
        #expect(gone.changes.map(\.operation) == [.delete, .delete, .delete])
    }

    @Test func `a listing has one text and one reading`() throws {
        let listing = tree([
            "a": file(1), "b": file(2, 0o4755, attributes: true), "d": directory(),
            "o": directory(0o700, opaque: true), "w": .whiteout, "h": .hidden,
            "s": .special(.tooDeep), "l": link("x y\n"), "e": link(""), "x\u{1b} y": file(3),
        ])
        let again = try TreeListing(parsing: listing.text)
        #expect(again == listing)
        #expect(try TreeListing(parsing: TreeListing.empty.text) == .empty)
    }

    @Test(arguments: [
        "", "interlock-tree 1", "interlock-tree 2\n", "interlock-tree 1\n\n",
        "interlock-tree 1\nw b\nw a\n", "interlock-tree 1\nw a\nw a\n",
        "interlock-tree 1\nd 755 a\n", "interlock-tree 1\nd 0755 /a\n",
        "interlock-tree 1\nf 1 0644 00 a\n", "interlock-tree 1\ns unknown a\n",
        "interlock-tree 1\nl 6 a\n", "interlock-tree 1\nz a\n",
    ])
    func `a listing that is not as it is written is refused`(_ text: String) {
        #expect(throws: TreeTextError.self) { try TreeListing(parsing: Array(text.utf8)) }
    }
}
