import InterlockCredentials
import InterlockModel
import InterlockTesting
import InterlockWorkspace
import Testing

@testable import InterlockRunning

/// The imports of instruction files, which a supervisor measures with them (docs/specs/evals.md, section 5).
@Suite(.requirement("R116")) struct InstructionImportsTests {
    private func path(_ text: String) throws -> WorkspacePath {
        try #require(WorkspacePath(Array(text.utf8)))
    }

    private func file(_ text: String) -> TreeNode {
        .file(
            size: Int64(text.utf8.count), mode: 0o644,
            digest: OpenSSLHashing().sha256(Array(text.utf8)), hasAttributes: false)
    }

    /// Returns the imports of one file among these.
    private func imports(
        _ files: [(String, String)], of first: String = "CLAUDE.md", links: [String] = []
    ) throws -> [String] {
        var contents: [WorkspacePath: [UInt8]] = [:]
        var entries = try links.map {
            TreeEntry(try path($0), .link(target: Array("elsewhere".utf8)))
        }
        for (name, text) in files {
            contents[try path(name)] = Array(text.utf8)
            entries.append(TreeEntry(try path(name), file(text)))
        }
        let listing = try #require(TreeListing(entries))
        let found = try InstructionImports(of: [try path(first)], in: listing) {
            path throws(RunRefusal) in
            contents[path] ?? []
        }.found
        return found.sorted().map(\.escaped)
    }

    @Test(
        arguments: [
            ("@docs/a.md", ["docs/a.md"]), ("See @docs/a.md.", ["docs/a.md"]),
            ("(@docs/a.md)", ["docs/a.md"]), ("@docs/a.md#part and text", ["docs/a.md"]),
            ("@./docs/a.md\n@docs/../b.md", ["b.md", "docs/a.md"]),
            ("@/workspace/b.md", ["b.md"]), ("`@b.md`", ["b.md"]),
            ("@with\\ space.md", ["with space.md"]),
            ("@/etc/passwd @~/own.md @../b.md @nothing.md", []), ("me@b.md", ["b.md"]),
            ("@docs", []), ("@", []), ("@@b.md @b.md", ["b.md"]), ("", []),
        ] as [(String, [String])])
    func `a path behind an at sign is an import if the workspace has it`(
        _ text: String, _ expected: [String]
    ) throws {
        let found = try imports([
            ("CLAUDE.md", text), ("docs/a.md", "A"), ("b.md", "B"), ("with space.md", "C"),
        ])
        #expect(found == expected)
    }

    @Test(arguments: [
        ("CLAUDE.md", true), ("sub/CLAUDE.local.md", true), ("sub/GEMINI.md", true),
        (".claude/rules/a.md", true), (".claude/agents/b/a.md", true),
        (".cursor/rules/a.mdc", true),
        (".claude/settings.json", false), ("AGENTS.md", false), ("docs/claude.md", false),
    ])
    func `hosts follow the imports of some files`(_ name: String, _ isFollowed: Bool) throws {
        #expect(try MeasuredFiles.isImporting(path(name)) == isFollowed)
    }

    @Test func `a rule of Cursor names files below its folder, or below the workspace`() throws {
        let rule = ".cursor/rules/a.mdc"
        let found = try imports(
            [
                (rule, "@docs/a.md @b.mdc"), ("docs/a.md", "@b.md"), ("b.md", "B"),
                (".cursor/rules/b.mdc", "C"),
            ], of: rule)
        #expect(found == [".cursor/rules/b.mdc", "docs/a.md"])
    }

    /// Hosts differ in the characters that end a path.
    @Test func `white space beyond ASCII ends a path, and is a part of one`() throws {
        for space in ["\u{A0}", "\u{2003}", "\u{2028}", "\u{3000}", "\u{FEFF}"] {
            let found = try imports([
                ("CLAUDE.md", "@docs/a.md\(space)@b.md\(space)text"), ("docs/a.md", "A"),
                ("b.md", "B"),
            ])
            #expect(found == ["b.md", "docs/a.md"])
            let whole = "c\(space).md"
            #expect(try imports([("CLAUDE.md", "@\(whole)"), (whole, "C")]).count == 1)
        }
    }

    /// The link is measured; no evals can list it, so that a run which needs it is refused.
    @Test(
        arguments: [
            ("@docs/a.md", ["docs"], ["docs"]), ("@sub/docs/more/a.md", ["sub/docs"], ["sub/docs"]),
            ("@b.md", ["b.md"], ["b.md"]), ("@docs/a.md", ["other"], []),
            ("@docs/../b.md", ["docs"], []),
        ] as [(String, [String], [String])])
    func `an import behind a link is measured by the link`(
        _ text: String, _ links: [String], _ expected: [String]
    ) throws {
        #expect(try imports([("CLAUDE.md", text)], links: links) == expected)
    }

    @Test func `imports are followed from file to file, each relative to its own`() throws {
        let found = try imports([
            ("CLAUDE.md", "@docs/a.md"), ("docs/a.md", "@more/b.md @a.md"),
            ("docs/more/b.md", "@../../top.md @/workspace/CLAUDE.md"), ("top.md", "no import"),
            ("more/b.md", "of another folder"),
        ])
        #expect(found == ["CLAUDE.md", "docs/a.md", "docs/more/b.md", "top.md"])
    }

    @Test func `more imports than are followed end the launch`() throws {
        let most = InstructionImports.mostFiles
        func files(_ count: Int) -> [(String, String)] {
            let names = (0..<count).map { "f\($0).md" }
            let text = names.map { "@\($0)" }.joined(separator: " ")
            return [("CLAUDE.md", text)] + names.map { ($0, "x") }
        }
        #expect(try imports(files(most)).count == most)
        #expect(throws: RunRefusal.self) { try imports(files(most + 1)) }
    }

    /// No text ends the search in another way than with names, or takes long.
    @Test func `any bytes have names, each within a line`() {
        var chance = SeededGenerator.announced()
        let alphabet = Array("@@@ \n\\/.#a".utf8)
        for _ in 0..<500 {
            let text = (0..<60).map { _ in alphabet.randomElement(using: &chance) ?? 0 }
            for name in InstructionImports.names(in: text) {
                #expect(name.count < 60 && !name.contains(0x0A))
            }
        }
        let long = [UInt8](repeating: UInt8(ascii: ")"), count: 1 << 20)
        #expect(InstructionImports.names(in: [UInt8(ascii: "@")] + long).count == 6)
    }
}
