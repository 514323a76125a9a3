package import InterlockModel

/// The list of steps of one apply, which is durable before the first of them is made, and how far it came.
///
/// States: open from its first line on; finished once its last line is written; no state follows. After a crash an open
/// journal is continued from the first step that is not noted: a step that was made and not noted is recognised by the
/// state of the project.
package struct ApplyJournal: Hashable, Sendable {
    package let run: RunID
    /// The digest of the base's text, so that the journal belongs to this start of the run alone.
    package let base: Digest
    package let steps: [ApplyStep]
    /// The number of steps that are noted as made, from the first on.
    package private(set) var done: Int
    package private(set) var isFinished: Bool

    package init(run: RunID, base: Digest, steps: [ApplyStep]) {
        self.run = run
        self.base = base
        self.steps = steps
        done = 0
        isFinished = false
    }

    package enum Action: Hashable, Sendable {
        /// Make the step with this number, then call `noteDone`.
        case make(ApplyStep, number: Int)
        /// Write the line of the end, then call `noteFinished`.
        case finish
        case none
    }

    package var next: Action {
        if isFinished { return .none }
        return done < steps.count ? .make(steps[done], number: done) : .finish
    }

    package mutating func noteDone() {
        precondition(done < steps.count, "there is a step to note")
        done += 1
    }

    package mutating func noteFinished() {
        precondition(done == steps.count, "every step is noted")
        isFinished = true
    }

    /// Judges a step by the state that is found. A state that only a later step of the same path leaves shows that this
    /// one was made too: its note was lost in a crash.
    package func verdict(ofStep number: Int, _ found: FoundEntry) -> ApplyStep.Verdict {
        let verdict = steps[number].verdict(found)
        guard verdict == .isChanged else { return verdict }
        let path = steps[number].path
        let isPassed = steps[(number + 1)...].contains {
            $0.path == path && $0.verdict(found) == .isDone
        }
        return isPassed ? .isDone : .isChanged
    }

    /// The numbers of the steps whose path must be as expected before the first step is made: the first of each path,
    /// without those below a directory that a step makes.
    package var firstSteps: [Int] {
        var seen: Set<WorkspacePath> = []
        var made: Set<WorkspacePath> = []
        for step in steps {
            if case .makeDirectory = step.action { made.insert(step.path) }
        }
        return steps.indices.filter { number in
            let path = steps[number].path
            return seen.insert(path).inserted
                && (made.isEmpty || !path.ancestors.contains(where: made.contains))
        }
    }

    /// The name of the temporary file of a step, in the directory of its path. It depends on the run and the step alone,
    /// so that a continued apply finds what a crash left.
    package func temporaryName(of number: Int) -> [UInt8] {
        Array(".interlock-\(run.text)-\(number)".utf8)
    }
}
