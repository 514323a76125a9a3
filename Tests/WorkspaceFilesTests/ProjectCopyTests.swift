import Glibc
import InterlockModel
import InterlockTesting
import InterlockWorkspace
import InterlockWorkspaceFiles
import Testing

/// The copy of a project for a run without an overlay, and its review (docs/specs/sandbox.md, section 10).
@Suite(.requirement("R078")) struct `Copied projects` {
    private static let project = """
        mkdir -p project/src project/.git project/keys && cd project
        echo one > src/a.txt; echo two > src/b.txt; chmod 755 src/b.txt; ln -s a.txt src/link
        echo secret > .env; ln .env src/settings; echo key > keys/x.pem; mkfifo src/pipe
        printf '[remote "o"]\\n\\turl = https://ada:secret@git.example.com/x\\n[alias]\\n\\tx = !touch y\\n' > .git/config
        echo ref > .git/HEAD; chmod 500 keys
        """

    private func copied() throws -> Playground {
        let playground = try Playground()
        try playground.shell(Self.project)
        let hashing = playground.hashing
        _ = try RunFolder.prepare(
            playground.layer, run: Playground.run, project: playground.project,
            hidden: try HiddenNames(["*.pem", ".env*"]), cache: HashCache(hashing: hashing),
            hashing: hashing, isCopy: true)
        return playground
    }

    @Test
    func `hidden names and their hard links are not copied, and git's configuration is clean`()
        throws
    {
        let playground = try copied()
        for name in [".env", "src/settings", "keys/x.pem", "src/pipe"] {
            #expect(!playground.exists("layer/upper/" + name), "\(name)")
        }
        #expect(try playground.text("layer/upper/src/a.txt") == "one\n")
        let configuration = try playground.text("layer/upper/.git/config")
        #expect(configuration.contains("git.example.com"))
        #expect(!configuration.contains("secret") && !configuration.contains("alias"))
        try playground.shell(
            "test \"$(stat -c '%a %Y' project/src/b.txt)\" = \"$(stat -c '%a %Y' layer/upper/src/b.txt)\""
        )
        try playground.shell("test \"$(readlink layer/upper/src/link)\" = a.txt")
        try playground.shell("test \"$(stat -c %a layer/upper/keys)\" = 500")
        #expect(try playground.diff().changes.isEmpty)
    }

    @Test func `the review compares the copy with the project, and applies to it`() throws {
        let playground = try copied()
        try playground.shell(
            """
            cd layer/upper; echo new > src/a.txt; rm src/b.txt; mkdir src/made; echo x > src/made/x
            ln -sf b.txt src/link; echo mine > .env
            """)
        let changes = try playground.diff().changes
        let listed = changes.map { "\($0.operation.rawValue) \($0.path.escaped)" }
        #expect(
            listed == [
                "create .env", "modify src/a.txt", "delete src/b.txt", "modify src/link",
                "create src/made", "create src/made/x",
            ])
        #expect(changes[0].flags.contains(.hidden))
        try playground.apply([path("src")])
        try playground.shell(
            """
            cd project; grep -q new src/a.txt; test ! -e src/b.txt; grep -q x src/made/x
            grep -q secret .env; grep -q secret src/settings
            """)
        #expect(try playground.opened().isCopy)
    }

    @Test func `a project that changed since is not overwritten`() throws {
        let playground = try copied()
        try playground.shell("echo new > layer/upper/src/a.txt; echo other > project/src/a.txt")
        do throws(WorkspaceFailure) {
            do { try playground.apply() } catch let fault as WorkspaceFailure { throw fault } catch
            {}
            Issue.record("it was applied")
        } catch { #expect(error.code == .changed) }
    }

    @Test func `what an upper would cover with is an entry of its own in a copy`() throws {
        let playground = try copied()
        let isMade: ()? = try? playground.shell(
            "setfattr -n user.overlay.opaque -v y layer/upper/src 2>/dev/null")
        guard isMade != nil else { return }
        #expect(try playground.diff().changes.allSatisfy { $0.operation != .delete })
    }
}
