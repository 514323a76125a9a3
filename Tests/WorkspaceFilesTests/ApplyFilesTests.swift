import Glibc
import InterlockModel
import InterlockTesting
import InterlockWorkspace
import InterlockWorkspaceFiles
import Testing

/// Changes that are applied to a project on disk, against links, crashes and people who work in it meanwhile
/// (docs/specs/sandbox.md, section 17, test 4).
@Suite(.requirement("R078"))
struct ApplyFilesTests {
    private static let crash = WorkspaceFailure(.system, "the test ends the process here")

    private func playground(
        _ project: String, _ upper: String, isInMemory: Bool = false
    ) throws -> Playground {
        let playground = try Playground(isInMemory: isInMemory)
        try playground.shell("cd project; \(project)")
        try playground.prepare()
        try playground.shell("cd layer/upper; \(upper)")
        return playground
    }

    @Test func `files, directories, links and removals are applied`() throws {
        let playground = try playground(
            "echo 1 > a; chmod 640 a; mkdir d; echo 2 > d/x; echo 3 > gone; ln -s a l; chmod 664 d/x",
            """
            echo new > a; chmod 640 a; mkdir -p n/m; echo y > n/m/y; chmod 4777 n/m/y
            mknod gone c 0 0; ln -s n l; mkdir d; echo 9 > d/x; chmod 664 d/x; mkdir e; chmod 500 e
            """)
        try playground.apply()
        #expect(
            try playground.listing("project").split(separator: "\n").prefix(8) == [
                "d 500 e ", "d 755 d ", "d 755 n ", "d 755 n/m ", "f 640 a ", "f 664 d/x ",
                "f 755 n/m/y ", "l 777 l n",
            ])
        #expect(try playground.text("project/a") == "new\n")
        // The same changes are applied again without an effect.
        try playground.apply()
        #expect(throws: ApplyRefusal.notFound(path("zz"))) { try playground.apply([path("zz")]) }
    }

    @Test(arguments: ["d", "d/e"])
    func `a parent that became a link ends the apply and nothing outside is touched`(
        _ swapped: String
    ) throws {
        let playground = try playground(
            "mkdir -p d/e; echo 1 > d/e/f", "mkdir -p d/e; echo 2 > d/e/f; echo 3 > d/e/new")
        let plan = "mkdir -p outside/e; echo kept > outside/e/f; cp outside/e/f outside/f;"
        try playground.shell(
            plan
                + "mv project/\(swapped) moved; ln -s \(playground.root)/outside project/\(swapped)"
        )
        let before = try playground.listing("outside")
        #expect(throws: WorkspaceFailure(.link, "")) { try playground.apply() }
        #expect(try playground.listing("outside") == before)
    }

    @Test(arguments: [ApplyPoint.journalWritten, .temporaryWritten])
    func `a parent that is swapped during the apply ends it`(_ point: ApplyPoint) throws {
        let playground = try playground(
            "mkdir -p d/e; echo 1 > d/e/f", "mkdir -p d/e; echo 2 > d/e/f; echo 3 > d/e/new")
        try playground.shell("mkdir -p outside; echo kept > outside/f")
        let root = playground.root
        let before = try playground.listing("outside")
        #expect(throws: WorkspaceFailure(.link, "")) {
            try playground.apply { (reached: ApplyPoint) throws(WorkspaceFailure) in
                guard reached == point else { return }
                let swap =
                    "test -L project/d/e || { mv project/d/e moved; ln -s \(root)/outside project/d/e; }"
                guard (try? Playground.run(["/bin/sh", "-ec", swap], in: root)) != nil else {
                    throw Self.crash
                }
            }
        }
        #expect(try playground.listing("outside") == before)
    }

    @Test(arguments: [
        "echo other > project/a", "rm project/a", "rm project/a; mkdir project/a",
        "echo mine > project/new", "echo more > project/gone/x",
    ])
    func `a project that changed ends the apply before anything is applied`(
        _ change: String
    ) throws {
        let playground = try playground(
            "echo 1 > a; mkdir gone; echo 0 > 0",
            "echo 2 > a; echo 3 > new; mknod gone c 0 0; echo 1 > 0")
        try playground.shell(change)
        let before = try playground.listing("project")
        // A directory that is not empty is found when it is to be removed, which is the first step.
        #expect(throws: WorkspaceFailure(.changed, "")) { try playground.apply() }
        #expect(try playground.listing("project") == before)
    }

    @Test func `an apply that dies at any point is finished by the next one`() throws {
        let project = "echo 1 > a; mkdir d; echo 2 > d/x; echo 4 > k; ln -s a l"
        let upper = "echo new > a; echo file > d; mkdir k; echo in > k/in; ln -s b l"
        let whole = try playground(project, upper, isInMemory: true)
        var points: [ApplyPoint] = []
        try whole.apply { (point: ApplyPoint) throws(WorkspaceFailure) in points.append(point) }
        let expected = try whole.listing("project")
        #expect(points.count > 20)
        for end in points.indices {
            let playground = try playground(project, upper, isInMemory: true)
            var count = 0
            #expect(throws: Self.crash) {
                try playground.apply { (_: ApplyPoint) throws(WorkspaceFailure) in
                    count += 1
                    if count == end + 1 { throw Self.crash }
                }
            }
            // Another apply waits for the first to be finished.
            #expect(throws: WorkspaceFailure(.busy, "")) { try playground.apply() }
            try playground.resume()
            #expect(try playground.listing("project") == expected, "ended at \(points[end])")
            #expect(
                try WorkspaceApply(playground.opened(), hashing: playground.hashing).openJournal()
                    == nil)
        }
    }

    @Test func `a file that a person changed between a crash and the next apply is kept`() throws {
        let playground = try playground("echo 1 > a; echo 1 > b", "echo 2 > a; echo 2 > b")
        var noted = 0
        #expect(throws: Self.crash) {
            try playground.apply { (point: ApplyPoint) throws(WorkspaceFailure) in
                if point == .noted { noted += 1 }
                if noted == 1 { throw Self.crash }
            }
        }
        try playground.shell("echo mine > project/b")
        #expect(throws: WorkspaceFailure(.changed, "")) { try playground.resume() }
        #expect(try playground.text("project/b") == "mine\n")
        try playground.opened().discard()
        #expect(!playground.exists("layer"))
    }

    @Test func `what is not as it was reviewed is not applied`() throws {
        let playground = try playground("echo 1 > a", "echo 2 > a")
        let folder = try playground.opened()
        let plan = try ApplyPlan(
            try folder.diff(hashing: playground.hashing), ApplySelection())
        try playground.shell("echo 3 > layer/upper/a")
        #expect(throws: WorkspaceFailure(.changed, "")) {
            try WorkspaceApply(folder, hashing: playground.hashing).apply(plan)
        }
        #expect(try playground.text("project/a") == "1\n")
        #expect(try !playground.listing("project").contains(".interlock"))
    }

    @Test func `hostile names and kinds are listed, and only names are applied`() throws {
        let playground = try playground(
            "true",
            #"""
            mkdir "$(printf 'n\033[31m')"; echo 1 > "$(printf 'n\033[31m/a\nb')"
            printf x > "$(printf '\377\\x41')"; mkfifo p; mkdir deep; ln -s / root
            mkdir zero; chmod 0 zero; setfattr -n user.overlay.redirect -v /etc deep
            """#)
        let changes = try playground.diff().changes
        #expect(
            changes.map(\.path.escaped) == [
                "deep", #"n\x1b[31m"#, #"n\x1b[31m/a\x0ab"#, "p", "root", "zero",
                #"\xff\\x41"#,
            ])
        #expect(
            changes.map(\.kind) == [
                .special, .directory, .file, .special, .symlink,
                geteuid() == 0 ? .directory : .special,
                .file,
            ])
        #expect(changes[4].flags == [.symlinkOutside])
        #expect(throws: ApplyRefusal.special(path("deep"), .redirect)) { try playground.apply() }
        try playground.apply([changes[1].path, changes[6].path])
        #expect(playground.exists("project/n\u{1b}[31m/a\nb"))
        #expect(!playground.exists("project/p"))
    }

    @Test func `a workspace is reviewed by one command at a time and discarded whole`() throws {
        let playground = try playground(
            "true", "mkdir -p a/b; echo x > a/b/c; chmod 0 a/b; chmod 0 a")
        let folder = try playground.opened()
        let first = try folder.lock()
        #expect(throws: WorkspaceFailure(.busy, "")) { _ = try folder.lock() }
        _ = first
        try folder.discard()
        #expect(!playground.exists("layer"))
        #expect(playground.exists("project"))
        #expect(throws: WorkspaceFailure(.notFound, "")) { try playground.opened() }
    }

    @Test(.enabled(if: Playground.hasOverlay || TestFiles.isCI, "no overlay for users here"))
    func `applying the diff of a random tree equals the merged tree`() throws {
        var chance = SeededGenerator.announced()
        for _ in 0..<4 {
            let playground = try Playground()
            try playground.shell("cd project\n" + RandomScript.lines(30, using: &chance))
            try playground.prepare()
            try playground.inOverlay(
                "cd merged\n" + RandomScript.lines(40, using: &chance)
                    + "\ncd ..; mkdir expected; cp -a merged/. expected")
            try playground.apply()
            #expect(try playground.listing("project") == playground.listing("expected"))
        }
    }
}

/// Random commands on a tree of few names; a command that fails is skipped.
enum RandomScript {
    static func lines(_ count: Int, using chance: inout SeededGenerator) -> String {
        (0..<count).map { _ in line(using: &chance) }.joined(separator: "\n")
    }

    private static func line(using chance: inout SeededGenerator) -> String {
        func name() -> String {
            let names = ["a", "b", "c", "a.c", "'x y'"]
            let depth = Int.random(in: 1...3, using: &chance)
            return (0..<depth).map { _ in names.randomElement(using: &chance) ?? "a" }
                .joined(separator: "/")
        }
        let (one, two) = (name(), name())
        let command =
            switch Int.random(in: 0..<9, using: &chance) {
            case 0, 1: "mkdir -p \(one)"
            case 2, 3: "echo \(Int.random(in: 0..<9, using: &chance)) > \(one)"
            case 4: "rm -rf \(one)"
            case 5: "mv -T \(one) \(two)"
            case 6: "ln -sfn \(two) \(one)"
            case 7: "chmod \(["644", "755", "600"].randomElement(using: &chance) ?? "644") \(one)"
            default: "rm -rf \(one); mkdir \(one) && echo 7 > \(one)/b"
            }
        // A mode without rights for its owner would stop the commands after it, so directories keep theirs.
        let guarded = command.hasPrefix("chmod") ? "test -f \(one) && \(command)" : command
        return "{ \(guarded); } 2> /dev/null || true"
    }
}
