package import InterlockModel
package import InterlockWorkspace

/// Applies planned steps to a project: first every path is compared with its expected state, then the journal is
/// written, then the steps are made. Continues a journal that a crash left open.
///
/// INVARIANT: no step follows a link of the project, and none replaces what is not as it was at the start of the run.
/// Kept by `ApplyFilesTests`.
package struct WorkspaceApply: ~Copyable {
    private let folder: RunFolder
    private let hashing: any Hashing
    private let reach: (ApplyPoint) throws(WorkspaceFailure) -> Void

    /// - Parameter reach: called at each point of the apply; an error ends it there, as a crash would.
    package init(
        _ folder: RunFolder, hashing: any Hashing,
        reach: @escaping (ApplyPoint) throws(WorkspaceFailure) -> Void = {
            (_: ApplyPoint) throws(WorkspaceFailure) in
        }
    ) {
        self.folder = folder
        self.hashing = hashing
        self.reach = reach
    }

    /// Compares the project with what the plan expects, without changing anything.
    package func check(_ plan: ApplyPlan) throws(WorkspaceFailure) {
        let journal = ApplyJournal(run: folder.run, base: folder.baseDigest, steps: plan.steps)
        var executor = try executor()
        for number in journal.firstSteps {
            let step = journal.steps[number]
            if journal.verdict(ofStep: number, try executor.find(step)) == .isChanged {
                throw ProjectTree.changed(step.path)
            }
        }
    }

    /// Makes the steps of the plan. The decision to apply them must be on record.
    package func apply(_ plan: ApplyPlan) throws(WorkspaceFailure) {
        guard try openJournal() == nil else {
            throw WorkspaceFailure(.busy, "an earlier apply of the run must be finished first")
        }
        try check(plan)
        let journal = ApplyJournal(run: folder.run, base: folder.baseDigest, steps: plan.steps)
        guard !journal.steps.isEmpty else { return }
        let file = try JournalFile(journal, in: try folder.descriptor())
        try reach(.journalWritten)
        try make(journal, file)
    }

    /// Returns the journal of an apply that a crash ended, or nil if there is none.
    package func openJournal() throws(WorkspaceFailure) -> ApplyJournal? {
        guard let journal = try JournalFile.read(in: try folder.descriptor()),
            !journal.isFinished
        else { return nil }
        guard journal.run == folder.run, journal.base == folder.baseDigest else {
            throw WorkspaceFailure(.invalid, "the journal is that of another run")
        }
        return journal
    }

    /// Makes the steps that an apply did not come to.
    ///
    /// - Returns: the number of steps that were left.
    @discardableResult
    package func resume() throws(WorkspaceFailure) -> Int {
        guard let journal = try openJournal() else { return 0 }
        let left = journal.steps.count - journal.done
        try make(journal, try JournalFile(appendingIn: try folder.descriptor()))
        return left
    }

    private func executor() throws(WorkspaceFailure) -> StepExecutor {
        StepExecutor(
            project: try folder.project(), upper: try folder.upper(), hashing: hashing,
            reach: reach)
    }

    private func make(
        _ journal: ApplyJournal, _ file: borrowing JournalFile
    ) throws(WorkspaceFailure) {
        var journal = journal
        var executor = try executor()
        while true {
            switch journal.next {
            case .none: return
            case .finish:
                try reach(.beforeEnd)
                try file.add(ApplyJournal.finishedLine, isDurable: true)
                journal.noteFinished()
            case .make(let step, let number):
                switch journal.verdict(ofStep: number, try executor.find(step)) {
                case .isChanged: throw ProjectTree.changed(step.path)
                case .isDone: break
                case .perform:
                    try executor.make(step, temporary: journal.temporaryName(of: number))
                }
                try file.add(ApplyJournal.doneLine(number), isDurable: false)
                journal.noteDone()
                try reach(.noted)
            }
        }
    }
}
