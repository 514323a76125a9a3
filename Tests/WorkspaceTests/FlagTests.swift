import InterlockTesting
import InterlockWorkspace
import Testing

/// Each flag that a change has, so that a person is asked for it by name (docs/specs/sandbox.md, section 6).
@Suite(.requirement("R078"))
struct FlagTests {
    private func flags(
        _ name: String, _ node: TreeNode, base: [String: TreeNode] = [:]
    ) -> [WorkspaceFlag]? {
        diff(base, [name: node]).changes.first { $0.path == path(name) }?.flags
    }

    @Test(arguments: [
        ".git", ".GIT/hooks", "a/b/.Git", ".gitmodules", "x/.gitattributes", ".husky/pre-commit",
        ".githooks/x", ".vscode/tasks.json", ".idea/x", ".devcontainer/devcontainer.json", ".envrc",
        ".claude/settings.json", ".codex/config.toml", ".cursor/mcp.json", ".gemini/x",
        ".github/hooks/x", ".mcp.json", ".github/workflows/ci.yml", ".gitlab-ci.yml", "Makefile",
        "sub/package.json", "setup.py", "tests/conftest.py", "a.pth", "pyvenv.cfg",
        ".pre-commit-config.yaml", ".bashrc", "x/.zshenv", ".env", "eslint.config.mjs",
        "sub/Cargo.toml", "composer.json", "ansible.cfg", ".venv/bin/python", "node_modules/x/y.js",
        "src/__pycache__/x.cpython-311.pyc",
    ])
    func `what runs later is flagged at any depth`(_ name: String) {
        #expect(flags(name, file(1)) == [.executesLater])
    }

    @Test(arguments: ["src/a.c", "git/hooks", ".github/README.md", "hooks/x", "makefile/a.mkd"])
    func `other names are not`(_ name: String) {
        let found = flags(name, file(1))
        #expect(found == (name.hasPrefix("makefile") ? [.executesLater] : []))
    }

    @Test func `a repository without a work tree is flagged with all below it`() {
        let base = ["x": directory(), "x/HEAD": file(1), "x/objects": directory()]
        let upper = [
            "x": directory(), "x/config": file(2), "x/refs": directory(),
            "x/hooks": directory(), "x/hooks/update": file(3, 0o755), "y": file(4),
        ]
        let found = diff(base, upper)
        for change in found.changes where change.path != path("y") {
            #expect(change.flags.contains(.executesLater), "\(change.path.escaped)")
        }
        #expect(found.changes.last?.flags == [])
        let parted = diff(
            [:],
            [
                "a": directory(), "a/HEAD": file(1), "a/commondir": file(2), "b": directory(),
                "b/config": file(3), "b/objects": directory(), "b/refs": directory(),
            ])
        #expect(
            parted.changes.filter { !$0.flags.isEmpty }.map(\.path.escaped) == [
                "a", "a/HEAD", "a/commondir",
            ])
        let bare = diff(base, ["x": directory(), "x/refs": directory(), "x/hooks": directory()])
        #expect(bare.changes.allSatisfy { $0.flags == [.executesLater] })
        let partial = diff(base, ["x": directory(), "x/config": file(2)])
        #expect(partial.changes.map(\.flags) == [[]])
        let root = diff(
            ["HEAD": file(1), "objects": directory(), "refs": directory(), "config": file(2)],
            ["src": file(3)])
        #expect(root.changes.map(\.flags) == [[.executesLater]])
    }

    @Test(arguments: [
        ("/etc/passwd", true), ("", true), ("..", false), ("../..", true), ("../../x", true),
        ("a/../../../x", true),
        ("../a", false), ("./a//b", false), ("./../d//x", false), ("x/../y", true),
        ("a/../../d/x", true), ("s/s/../../x", true),
    ])
    func `a link that leaves the workspace is flagged`(_ target: String, _ leaves: Bool) {
        #expect(LinkTarget.leaves(Array(target.utf8), at: path("d/l")) == leaves)
        #expect(flags("d/l", link(target))?.contains(.symlinkOutside) == leaves)
    }

    @Test func `bits, attributes, sizes and names are flagged`() {
        #expect(flags("a", file(1, 0o4755)) == [.setID, .newExecutable])
        #expect(flags("a", file(1, 0o2644)) == [.setID])
        #expect(flags("a", file(1, 0o1644)) == [])
        #expect(flags("a", file(1, 0o755), base: ["a": file(2, 0o755)]) == [])
        #expect(flags("a", file(1, 0o755), base: ["a": file(1, 0o644)]) == [.newExecutable])
        #expect(flags("a", file(1, attributes: true)) == [.xattr])
        #expect(flags("d", directory(0o2755)) == [.setID])
        #expect(flags("a", .special(.fifo)) == [.specialFile])
        let large = TreeNode.file(
            size: WorkspaceTrees.largestReviewed + 1, mode: 0o644, digest: content(1),
            hasAttributes: false)
        #expect(flags("a", large) == [.tooLarge])
        for name in ["a\u{1b}[m", "a\nb", "a\u{202e}b", "\u{200b}"] {
            #expect(flags(name, file(1)) == [.controlCharacterInName])
        }
    }

    @Test func `a change in the place of a hidden entry is never applied`() {
        let base = [
            "d": directory(), "d/.env": TreeNode.hidden, "d/x": file(1), ".ssh": .hidden,
        ]
        let prepared = ["d": directory(), "d/.env": TreeNode.whiteout, ".ssh": .whiteout]
        #expect(diff(base, [:], prepared: prepared).changes.isEmpty)
        let written = diff(
            base, ["d/.env": file(2), ".ssh": directory(), ".ssh/config": file(3)],
            prepared: prepared)
        #expect(written.changes.count == 3)
        #expect(written.changes.allSatisfy { $0.flags.contains(.hidden) })
        let replaced = diff(base, ["d": file(5)], prepared: [".ssh": .whiteout])
        #expect(replaced.changes.map(\.operation) == [.replace, .delete])
        #expect(replaced.changes.first?.flags == [.hidden])
        let deleted = diff(base, ["d": .whiteout], prepared: [".ssh": .whiteout])
        #expect(deleted.changes.map(\.path.escaped) == ["d/x"])
        #expect(!WorkspaceFlag.hidden.isApprovable)
    }

    @Test(
        arguments: [
            ("user.overlay.opaque", "y", true, nil, false),
            ("user.overlay.opaque", "x", false, SpecialKind.overlayAttribute, false),
            ("user.overlay.redirect", "/a", false, .redirect, false),
            ("user.overlay.metacopy", "", false, .metacopy, false),
            ("user.overlay.whiteout", "", false, .overlayAttribute, false),
            ("user.overlay.origin", "", false, nil, false),
            ("user.overlay.overlay.opaque", "y", false, nil, true),
            ("user.x", "", false, nil, true), ("security.capability", "", false, nil, true),
            ("system.posix_acl_access", "", false, nil, true),
            ("security.selinux", "", false, nil, false),
        ] as [(String, String, Bool, SpecialKind?, Bool)])
    func `attributes of the overlay are not taken for others`(
        _ name: String, _ value: String, _ isOpaque: Bool, _ special: SpecialKind?, _ hasOwn: Bool
    ) {
        var names = AttributeNames()
        names.add(name, value: Array(value.utf8))
        #expect(names.isOpaque == isOpaque)
        #expect(names.special == special)
        #expect(names.hasOwn == hasOwn)
    }
}
