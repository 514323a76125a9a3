import Glibc
import InterlockTesting
import InterlockWorkspace
import InterlockWorkspaceFiles
import Testing

/// The upper that a run starts with: what the agent does not see, and what it sees in the place of credentials.
@Suite(.requirement("R078"))
struct PreparationTests {
    private func project() throws -> Playground {
        let playground = try Playground()
        try playground.shell(
            """
            cd project
            mkdir -p src/deep .ssh .git/modules/m .git/hooks bare/objects bare/refs
            echo secret > .env; echo k > src/deep/server.PEM; echo h > .ssh/id
            ln .env src/plain; ln .ssh/id src/deep/other; echo a > src/a.c
            mkfifo src/pipe; ln -s a.c src/link; chmod 555 src/deep
            printf '[core]\\n\\tbare = false\\n\\tfsmonitor = /x\\n[remote "o"]\\n\\turl = https://u:pw@h/a\\n' > .git/config
            cp .git/config .git/modules/m/config; ln -s ../x .git/config.worktree
            cp .git/config bare/config; echo x > bare/HEAD; echo hook > .git/hooks/pre-commit
            """)
        return playground
    }

    @Test func `hidden names, all their links and special files get whiteouts`() throws {
        let playground = try project()
        let (folder, prepared) = try playground.prepare()
        #expect(
            prepared.hidden.map(\.escaped) == [
                ".env", ".git/config.worktree", ".ssh", "src/deep/other", "src/deep/server.PEM",
                "src/pipe", "src/plain",
            ])
        for hidden in prepared.hidden { #expect(prepared.prepared[hidden] == .whiteout) }
        #expect(try folder.diff(hashing: playground.hashing).changes.isEmpty)
        #expect(try playground.opened().baseDigest == folder.baseDigest)
    }

    @Test func `configurations of Git are replaced by clean ones`() throws {
        let playground = try project()
        try playground.prepare()
        for name in [".git/config", ".git/modules/m/config", "bare/config"] {
            let text = try playground.text("layer/upper/" + name)
            #expect(text.contains("url = \"https://h/a\""))
            #expect(!text.contains("fsmonitor") && !text.contains("pw"))
        }
        #expect(!playground.exists("layer/upper/.git/hooks"))
    }

    @Test(.enabled(if: Playground.hasOverlay || TestFiles.isCI, "no overlay for users here"))
    func `the agent sees nothing that is hidden, and leaves no change by looking`() throws {
        let playground = try project()
        try playground.prepare()
        try playground.inOverlay(
            """
            cd merged; test "$(cat src/a.c)" = a; test "$(stat -c %a src/deep)" = 555
            for f in .env .ssh .ssh/id src/plain src/deep/other src/deep/server.PEM src/pipe; do
              test ! -e $f; done
            ! grep -rq -e pw -e secret .; find . > /dev/null
            """)
        #expect(try playground.diff().changes.isEmpty)
    }

    @Test(.enabled(if: Playground.hasOverlay || TestFiles.isCI, "no overlay for users here"))
    func `what an agent writes over a hidden name is never applied`() throws {
        let playground = try project()
        try playground.prepare()
        try playground.inOverlay(
            """
            cd merged; echo mine > .env; chmod u+w src/deep; rm -rf src; mkdir src; echo b > src/plain
            echo x > .git/hooks/pre-commit; echo x > new
            """)
        let flags = try playground.diff().changes.filter { $0.flags.contains(.hidden) }
        #expect(flags.map(\.path.escaped) == [".env", "src/plain"])
        #expect(throws: ApplyRefusal.hidden(path(".env"))) { try playground.apply() }
        try playground.apply([path("new"), path("src/a.c"), path("src/link")])
        #expect(try playground.text("project/.env") == "secret\n")
        #expect(try playground.text("project/.git/hooks/pre-commit") == "hook\n")
        #expect(!playground.exists("project/src/a.c"))
        #expect(playground.exists("project/src/deep/server.PEM"))
    }

    @Test func `a configuration that Git cannot read ends the preparation`() throws {
        let playground = try Playground()
        try playground.shell("mkdir project/.git; echo '[core' > project/.git/config")
        #expect(throws: WorkspaceFailure(.invalid, "")) { try playground.prepare() }
    }

    @Test func `a project is not reached over a link, and an upper is prepared once`() throws {
        let playground = try Playground()
        try playground.shell("mv project real; ln -s real project")
        #expect(throws: WorkspaceFailure(.system, "")) { try playground.prepare() }
        try playground.shell("rm project; mv real project; rm -rf layer")
        try playground.prepare()
        #expect(throws: WorkspaceFailure(.busy, "")) { try playground.prepare() }
    }

    @Test func `digests are kept for files that have settled`() throws {
        let playground = try Playground()
        try playground.shell("echo a > project/a; touch -d '1 hour ago' project/a")
        let first = try playground.prepare()
        let text = first.prepared.cache.bytes(hashing: playground.hashing)
        // The time of the status change is that of the test, so nothing is kept yet.
        #expect(text.count == 32)
        try playground.shell("rm -rf layer; sleep 0.05")
        let second = try playground.prepare(
            cache: HashCache(text, hashing: playground.hashing, rest: 20_000_000))
        let kept = second.prepared.cache.bytes(hashing: playground.hashing)
        #expect(kept.count == 32 + 72)
        try playground.shell("rm -rf layer")
        let third = try playground.prepare(
            cache: HashCache(kept, hashing: playground.hashing))
        #expect(third.prepared.base == first.prepared.base)
        #expect(third.prepared.cache.bytes(hashing: playground.hashing) == kept)
        var broken = kept
        broken[3] ^= 1
        #expect(
            HashCache(broken, hashing: playground.hashing).bytes(hashing: playground.hashing).count
                == 32)
    }

    @Test func `usage counts each file once and free space is known`() throws {
        let playground = try Playground()
        try playground.prepare()
        try playground.shell(
            "cd layer/upper; dd if=/dev/zero of=a bs=64k count=4 2> /dev/null; ln a b")
        let upper = try playground.opened().upper()
        let usage = UpperUsage(of: upper)
        #expect(usage.entries == 2)
        #expect((262_144..<400_000).contains(usage.bytes))
        #expect(UpperUsage(of: upper, limit: 0).entries <= 2)
        let free = UpperUsage.freeBytes(of: upper) ?? 0
        #expect(free > 0)
    }
}
