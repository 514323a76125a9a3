import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockProvenance

/// The trailers of a commit message: one written form, and nothing that a message or a name of a file can add.
@Suite(.requirement("R140"), .requirement("R141")) struct `Trailers of agents` {
    private static let run = "01kag0q9v4x2m7c8d3e5f6g7h8"
    private static let record = String(repeating: "9f", count: 32)
    private static let block = """
        Agent-Assisted: code-fix (claude-code 2.1.327)
        Agent-Run: \(run)
        Agent-Extent: files=3 lines=+120/-14; src/a.c, src/b.c, tests/a.c
        Agent-Record: \(record)
        """

    private func groups(_ text: String) throws(TrailerFault) -> [AgentTrailers] {
        try CommitMessage(Array(text.utf8)).trailers
    }

    private func fault(_ text: String) -> TrailerFault? {
        do throws(TrailerFault) {
            _ = try groups(text)
            return nil
        } catch { return error }
    }

    @Test func `a group is read as it is written`() throws {
        let found = try groups(
            "Fix the parser\n\nIt failed.\n\n\(Self.block)\nSigned-off-by: A <a@b>\n")
        #expect(found.count == 1)
        let group = try #require(found.first)
        #expect(group.agent.text == "code-fix" && group.host == "claude-code 2.1.327")
        #expect(group.run.text == Self.run && group.extent.files == 3)
        #expect(group.lines.joined(separator: "\n") == Self.block)
    }

    @Test(arguments: [
        "Agent-Assisted: code-fix", "Fix\n\n\(block)\n\nmore text",
        "Fix\n\nAgent-Assisted is a word here",
    ])
    func `only the last paragraph has trailers`(_ text: String) throws {
        // A subject that looks like a trailer is refused instead.
        if text.hasPrefix("Agent") {
            #expect(fault(text) == .mixed)
        } else {
            #expect(try groups(text).isEmpty)
        }
    }

    @Test func `what cannot be understood is no message without trailers`() {
        #expect(fault("Fix\n\ntext\n\(Self.block)") == .mixed)
        #expect(fault("Fix\n\n\(Self.block)\n continued") == .malformed("Agent-Record"))
        #expect(fault("Fix\n\nAgent-Run: \(Self.run)") == .incomplete)
        #expect(fault("Fix\n\n\(Self.block)\n\(Self.block)") != nil)
        let odd = Self.block.replacing("files=3", with: "files=03")
        #expect(fault("Fix\n\n\(odd)") == .malformed("Agent-Extent"))
        let upper = Self.block.replacing("Agent-Run", with: "AGENT-RUN")
        #expect(fault("Fix\n\n\(upper)") == nil)
        let host = Self.block.replacing("2.1.327)", with: "2.1.327) (x")
        #expect(fault("Fix\n\n\(host)") == .malformed("Agent-Assisted"))
    }

    @Test func `trailers take the place of earlier ones and stay above the comments of an editor`()
        throws
    {
        let message = try CommitMessage(
            Array("Fix\n\n\(Self.block)\nSigned-off-by: A <a@b>\n\n# Please enter\n#\n".utf8),
            hasComments: true)
        let group = try #require(try message.trailers.first)
        let again = AgentTrailers(
            agent: group.agent, host: nil, run: group.run, extent: group.extent,
            record: group.record)
        let written = String(
            decoding: try message.replacingTrailers(with: [again]), as: UTF8.self)
        #expect(
            written
                == "Fix\n\nSigned-off-by: A <a@b>\n\(again.lines.joined(separator: "\n"))\n\n# Please enter\n#\n"
        )
        let bare = String(decoding: try message.replacingTrailers(with: []), as: UTF8.self)
        #expect(bare == "Fix\n\nSigned-off-by: A <a@b>\n\n# Please enter\n#\n")
    }

    @Test func `an empty message keeps its first line for the subject`() throws {
        let message = try CommitMessage(Array("\n# Please enter\n".utf8), hasComments: true)
        let group = try #require(try groups("Fix\n\n\(Self.block)").first)
        let written = String(
            decoding: try message.replacingTrailers(with: [group]), as: UTF8.self)
        #expect(written == "\n\n\(Self.block)\n\n# Please enter\n")
    }

    @Test(arguments: [
        "a b", "a,b", "q\"uote", "back\\slash", "line\nAgent-Run: x", "tab\t", "ümlaut", "a;b",
        "\u{202e}x",
    ])
    func `a name of a file adds no line and no entry`(_ name: String) throws {
        let path = try #require(ChangedPath(Array(name.utf8)))
        let file = ChangedFile(path: path, digest: nil, size: 0, added: 1, removed: 2)
        let extent = try #require(ChangeExtent([file]))
        #expect(extent.text.utf8.allSatisfy { (0x20..<0x7f).contains($0) })
        #expect(ChangeExtent(Array(extent.text.utf8)) == extent)
    }

    @Test func `a path has one form`() {
        #expect(ChangeExtent(Array("files=1 lines=+0/-0; \"plain\"".utf8)) == nil)
        #expect(ChangeExtent(Array("files=1 lines=+0/-0; \"\\x61 b\"".utf8)) == nil)
        #expect(ChangeExtent(Array("files=1 lines=+0/-0; ../b".utf8)) == nil)
        #expect(ChangeExtent(Array("files=2 lines=+0/-0; b, a".utf8)) == nil)
        #expect(ChangeExtent(Array("files=2 lines=+0/-0; a, a".utf8)) == nil)
        #expect(ChangeExtent(Array("files=2 lines=+0/-0; a".utf8)) == nil)
        #expect(ChangeExtent(Array("files=2 lines=+0/-0; a; 1 more".utf8)) != nil)
        #expect(ChangedPath(Array("a//b".utf8)) == nil && ChangedPath(Array("a/../b".utf8)) == nil)
    }

    @Test func `a long list is shortened`() throws {
        let files = try (0..<500).map { number in
            ChangedFile(
                path: try #require(ChangedPath(Array("d/\(number)".utf8))), digest: nil, size: 1,
                added: 1, removed: 0)
        }
        let extent = try #require(ChangeExtent(files))
        #expect(!extent.isWhole && extent.listed.count == ChangeExtent.mostListed)
        #expect(extent.text.hasSuffix("; 400 more"))
        #expect(ChangeExtent(Array(extent.text.utf8)) == extent)
    }

    @Test func `any message with trailers is read as it was written`() throws {
        var random = SeededGenerator.announced()
        let pieces = [
            "Fix", "", "text", "# comment", "Agent-Run: x", "Signed-off-by: A", " more", "\t",
            "Agent-Assisted: a",
            Self.block,
        ]
        let group = try #require(try groups("Fix\n\n\(Self.block)").first)
        for _ in 0..<500 {
            let count = Int.random(in: 0..<8, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }
            let bytes = Array(text.joined(separator: "\n").utf8)
            for hasComments in [true, false] {
                guard let message = try? CommitMessage(bytes, hasComments: hasComments),
                    let written = try? message.replacingTrailers(with: [group])
                else { continue }
                let again = try CommitMessage(written, hasComments: hasComments)
                #expect(try again.trailers == [group], "\(text)")
                #expect(try again.replacingTrailers(with: [group]) == written, "\(text)")
            }
        }
    }
}
