import InterlockJSON
package import InterlockModel

/// A run of another eval tool as its file states it. It is evidence of kind `utility` and nothing else: no verdict is
/// made of it (docs/specs/evals.md, section 8).
package struct ImportedRun: Sendable, Hashable {
    /// The tool and its version, such as `inspect_ai 0.3.285`.
    package let tool: String
    package let task: String
    /// The model that was tested, as the file names it; nil if it names none.
    package let model: String?
    package let started: Timestamp
    package let ended: Timestamp
    /// Distinct cases; one passes a scorer if each of its trials does.
    package let cases: Int
    package let trials: Int
    /// Sorted by name, each once.
    package let scorers: [ImportedScorer]

    package init(
        tool: String, task: String, model: String?, started: Timestamp, ended: Timestamp,
        cases: Int, trials: Int, scorers: [ImportedScorer]
    ) {
        self.tool = tool
        self.task = task
        self.model = model
        self.started = started.wholeSecond
        self.ended = ended.wholeSecond
        self.cases = cases
        self.trials = trials
        self.scorers = scorers.sorted { ExactText($0.name) < ExactText($1.name) }
    }

    /// The most cases and trials of a file.
    package static let mostCases = EvalLimits.cases
    package static let mostTrials = EvalLimits.cases * EvalLimits.trials.upperBound
    package static let mostScorers = 64

    /// Returns true for text of 1 to 128 bytes without control characters: names of tasks, models and scorers.
    package static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}

/// The judgement of one scorer on a run.
package struct ImportedScorer: Sendable, Hashable {
    package let name: String
    package let judge: JudgeKind
    /// The cases that passed; nil if the scorer says more than pass or fail, or less.
    package let rate: PassRate?
    /// Sorted by name, each once.
    package let metrics: [ImportedMetric]

    package init(name: String, judge: JudgeKind, rate: PassRate?, metrics: [ImportedMetric]) {
        self.name = name
        self.judge = judge
        self.rate = rate
        self.metrics = metrics.sorted { ExactText($0.name) < ExactText($1.name) }
    }

    package static let mostMetrics = 64

    /// The kind of judge.
    package enum JudgeKind: String, Sendable, CaseIterable {
        /// A comparison that the tool itself documents as code.
        case code
        /// A model, at least for a part of the cases.
        case model
        /// A scorer that the tool does not define, so that a model may judge in it.
        case unknown

        /// True if what it says only informs.
        package var onlyInforms: Bool { self != .code }
    }
}

/// A number that a tool computed over all cases, such as an accuracy.
package struct ImportedMetric: Sendable, Hashable {
    package let name: String
    /// The shortest decimal text of the nearest double, since RFC 8785 gives numbers another form than people read.
    package let value: String

    /// - Returns: nil if the number is not finite.
    package init?(name: String, value: Double) {
        guard value.isFinite else { return nil }
        self.name = name
        self.value = "\(value)"
    }

    /// - Returns: nil unless the text is spelled as `init(name:value:)` writes it.
    init?(name: String, text: String) {
        guard text.utf8.count <= 32, let value = Double(text),
            let made = ImportedMetric(name: name, value: value), sameBytes(made.value, text)
        else { return nil }
        self = made
    }
}
