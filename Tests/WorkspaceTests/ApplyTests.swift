import InterlockModel
import InterlockTesting
import InterlockWorkspace
import Testing

/// Changes become steps in an order that the file system accepts, and a crash between them loses nothing.
@Suite(.requirement("R078"))
struct ApplyTests {
    private static let all = Set(WorkspaceFlag.allCases)

    private func refusal(_ diff: WorkspaceDiff, _ selection: ApplySelection) -> ApplyRefusal? {
        do throws(ApplyRefusal) {
            _ = try ApplyPlan(diff, selection)
            return nil
        } catch { return error }
    }

    @Test func `each flag needs its own approval`() {
        let found = diff([:], [".envrc": file(1, 0o755), "a": file(2)])
        #expect(
            refusal(found, ApplySelection()) == .unapproved(path(".envrc"), .executesLater))
        #expect(
            refusal(found, ApplySelection(approved: [.executesLater]))
                == .unapproved(path(".envrc"), .newExecutable))
        #expect(
            refusal(found, ApplySelection(approved: [.executesLater, .newExecutable])) == nil)
        #expect(refusal(found, ApplySelection(paths: [path("a")])) == nil)
    }

    @Test func `what is special or hidden is refused whatever is approved`() {
        let special = diff([:], ["p": .special(.metacopy)])
        #expect(
            refusal(special, ApplySelection(approved: Self.all))
                == .special(path("p"), .metacopy))
        let hidden = diff([".env": .hidden], [".env": file(1)])
        #expect(
            refusal(hidden, ApplySelection(approved: Self.all)) == .hidden(path(".env")))
    }

    @Test func `git is left out, and refused where it is named`() throws {
        let found = diff([:], [".git": directory(), ".git/hooks": file(1), "a": file(2)])
        let plan = try ApplyPlan(found, ApplySelection())
        #expect(plan.changes.map(\.path) == [path("a")])
        #expect(plan.leftOut == 2)
        #expect(
            refusal(found, ApplySelection(paths: [path(".git/hooks")], approved: Self.all))
                == .ofGit(path(".git")))
        #expect(
            refusal(found, ApplySelection(paths: [path("b")])) == .notFound(path("b")))
    }

    @Test func `a selected file brings the directories that it needs`() throws {
        let found = diff(
            ["x": file(1)],
            ["n": directory(), "n/m": directory(), "n/m/a": file(2), "n/b": file(3)])
        let plan = try ApplyPlan(found, ApplySelection(paths: [path("n/m/a")]))
        #expect(plan.steps.map(\.path.escaped) == ["n", "n/m", "n/m/a"])
    }

    @Test func `modes lose set-id bits and writers, and keep what was not changed`() throws {
        let found = diff(
            ["kept": file(1, 0o664)],
            [
                "kept": file(2, 0o664), "new": file(3, 0o6777), "d": directory(0o2577),
                "d/x": file(4, 0o600),
            ])
        let plan = try ApplyPlan(found, ApplySelection(approved: Self.all))
        #expect(
            plan.steps.map(\.action) == [
                .makeDirectory(mode: 0o755),
                .writeFile(digest: content(4), size: 4, mode: 0o600),
                .writeFile(digest: content(2), size: 2, mode: 0o664),
                .writeFile(digest: content(3), size: 3, mode: 0o755), .setMode(0o555),
            ])
    }

    @Test func `a change of the project is noticed`() throws {
        let found = diff(["a": file(1), "b": file(2)], ["a": file(3), "b": .whiteout])
        let plan = try ApplyPlan(found, ApplySelection())
        let write = try #require(plan.steps.first { $0.path == path("a") })
        #expect(write.verdict(.file(content(1), mode: 0o600)) == .perform)
        #expect(write.verdict(.file(content(3), mode: 0o644)) == .isDone)
        #expect(write.verdict(.file(content(9), mode: 0o644)) == .isChanged)
        #expect(write.verdict(.absent) == .isChanged)
        #expect(write.verdict(.link(target: [0x61])) == .isChanged)
        let remove = try #require(plan.steps.first { $0.path == path("b") })
        #expect(remove.verdict(.absent) == .isDone)
        #expect(remove.verdict(.file(content(9), mode: 0o644)) == .isChanged)
    }

    @Test func `a journal is read as it was written, torn at every byte`() throws {
        let found = diff(
            ["a": file(1), "d": directory(), "d/x": file(2), "l": link("a")],
            ["a": file(3), "d": file(4), "l": link("b\n"), "n": directory(0o500)])
        let plan = try ApplyPlan(found, ApplySelection())
        var journal = ApplyJournal(run: testRun, base: content(1), steps: plan.steps)
        var text = journal.head
        let head = text.count
        for number in plan.steps.indices {
            journal.noteDone()
            text += ApplyJournal.doneLine(number)
        }
        text += ApplyJournal.finishedLine
        journal.noteFinished()
        #expect(try ApplyJournal(parsing: text) == journal)
        #expect(journal.next == .none)
        for count in head..<text.count {
            let torn = try ApplyJournal(parsing: Array(text.prefix(count)))
            #expect(torn.steps == plan.steps)
            #expect(!torn.isFinished)
        }
        for count in 0..<head {
            #expect(throws: TreeTextError.self) {
                try ApplyJournal(parsing: Array(text.prefix(count)))
            }
        }
    }

    @Test func `applying the diff of a random tree equals the merged tree`() throws {
        var chance = SeededGenerator.announced()
        for _ in 0..<400 {
            let sample = RandomTrees(using: &chance)
            let changes = sample.trees.changes()
            let found = WorkspaceDiff(run: testRun, base: content(1), changes: changes)
            let plan = try ApplyPlan(found, ApplySelection(approved: Self.all))
            var project = ModelProject(sample.trees.base)
            var journal = ApplyJournal(run: testRun, base: content(1), steps: plan.steps)
            try project.make(&journal)
            #expect(project == ModelProject(sample.expected))
            // A crash after each step, with its note lost, changes nothing.
            var crashed = ModelProject(sample.trees.base)
            var again = ApplyJournal(run: testRun, base: content(1), steps: plan.steps)
            let most = Int.random(in: 0...plan.steps.count, using: &chance)
            try crashed.make(&again, most: most, isNoted: false)
            // The loss of power takes notes of steps whose renames are kept.
            var lost = ApplyJournal(run: testRun, base: content(1), steps: plan.steps)
            for _ in 0..<(most / 2) { lost.noteDone() }
            try crashed.make(&lost)
            #expect(crashed == project)
        }
    }
}
