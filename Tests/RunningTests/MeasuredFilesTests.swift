import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockWorkspace
import Testing

@testable import InterlockRunning
@testable import InterlockSandboxes

/// The digests of what shapes an agent, at the start of its run (docs/specs/evals.md, section 5).
@Suite struct MeasuredFilesTests {
    private func digest(_ nodes: [(String, TreeNode)]) throws -> Digest {
        let entries = try nodes.map { path, node in
            TreeEntry(try #require(WorkspacePath(Array(path.utf8))), node)
        }
        let listing = try #require(TreeListing(entries))
        let files = try MeasuredFiles(
            command: [], path: "", workspace: listing, supplied: [])
        return try files.digest
    }

    private static func link(_ target: String) -> TreeNode { .link(target: Array(target.utf8)) }

    @Test(arguments: [
        ".claude", ".claude/settings.json", ".claude/hooks", ".claude/hooks/a.sh", ".mcp.json",
        "CLAUDE.md", "a/AGENTS.md", ".claude/agents/a.md", ".claude/skills", ".claude/skills/a",
        ".claude/skills/a/SKILL.md", ".github",
    ])
    func `a link in place of a measured file or folder is measured by its target`(path: String)
        throws
    {
        let digests = try [
            digest([]), digest([(path, Self.link("../x"))]), digest([(path, Self.link("../y"))]),
        ]
        #expect(Set(digests).count == 3)
    }

    /// The gateway proves a run by its prompt and skills, not by its settings.
    @Test(arguments: [".claude", ".claude/rules", ".claude/skills", ".cursor", ".github"])
    func `a link in place of a folder of instructions is a part of the prompt`(path: String)
        throws
    {
        let entry = TreeEntry(
            try #require(WorkspacePath(Array(path.utf8))), Self.link("docs"))
        let files = try MeasuredFiles(
            command: [], path: "", workspace: TreeListing([entry]), supplied: [])
        #expect(files.prompt.map(\.path) == [path])
    }

    @Test func `a link to no such file changes nothing, and a link is no file of the same bytes`()
        throws
    {
        #expect(try digest([("src/a.c", Self.link("b.c"))]) == digest([]))
        let file = TreeNode.file(
            size: 1, mode: 0o644, digest: OpenSSLHashing().sha256(Array("x".utf8)),
            hasAttributes: false)
        #expect(
            try digest([("CLAUDE.md", file)]) != digest([("CLAUDE.md", Self.link("x"))]))
    }

    /// The gateway takes lists as proof only if they are those of the digest. Long paths cut them before 200 files.
    @Test(arguments: [(1, true), (60, false)])
    func `lists are taken as a whole, or prove nothing`(_ count: Int, _ isWhole: Bool) throws {
        let folder = String(repeating: String(repeating: "d", count: 100) + "/", count: 10)
        let entries = try (0..<count).map { number in
            TreeEntry(
                try #require(WorkspacePath(Array("\(folder)\(number)/CLAUDE.md".utf8))),
                Self.link("x"))
        }
        let workspace = try #require(TreeListing(entries))
        let files = try MeasuredFiles(command: [], path: "", workspace: workspace, supplied: [])
        let measurement = LaunchMeasurement(
            scan: nil, fingerprint: try files.digest, files: files.listed, found: [], waived: [])
        let listed = try #require(files.listed["prompt"]?.array?.count)
        #expect((listed == count) == isWhole && listed < LaunchMeasurement.mostListed)
        let isProof = measurement.parts(hashing: OpenSSLHashing()) != nil
        #expect(isProof == isWhole)
    }
}
