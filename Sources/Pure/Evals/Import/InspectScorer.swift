import InterlockJSON

/// One element of `results.scores` of an Inspect log, and what it said of each sample.
struct InspectScorer {
    /// The name, with the reducer of epochs if the log has several.
    let name: String
    private let key: String
    private let scorer: String
    private let hasModelParameter: Bool
    private let metrics: [ImportedMetric]
    /// True for the cases whose trials all passed so far.
    private var passed: [ExactText: Bool] = [:]
    /// True once a score is neither pass nor fail.
    private var isGraded = false
    /// True once a score has the messages of a model that graded it.
    private var hasGrading = false

    /// The scorers of `inspect_ai` that compare text.
    private static let code: [String] = [
        "includes", "match", "pattern", "exact", "f1", "choice", "answer", "math",
    ]
    private static let modelParameters = ["model", "model_role", "grader", "grader_model"]

    init(_ score: ForeignFields) throws(ImportError) {
        let key = try score.name("name")
        self.key = key
        scorer = try score.name("scorer")
        let reducer: String? = score["reducer"] == nil ? nil : try score.name("reducer")
        let full = reducer.map { "\(key) (\($0))" } ?? key
        guard ImportedRun.isName(full) else {
            throw .wrong(score.place("reducer"), expected: "a short name")
        }
        name = full
        let parameters: ForeignFields? = score["params"] == nil ? nil : try score.fields("params")
        hasModelParameter =
            parameters.map { found in Self.modelParameters.contains { found[$0] != nil } } ?? false
        metrics = try Self.metrics(try score.fields("metrics"))
    }

    private static func metrics(_ fields: ForeignFields) throws(ImportError) -> [ImportedMetric] {
        guard fields.members.count <= ImportedScorer.mostMetrics else {
            throw .wrong(
                fields.path, expected: "an object of at most \(ImportedScorer.mostMetrics) metrics"
            )
        }
        var metrics: [ImportedMetric] = []
        for (key, _) in fields.members {
            let name = fields.place(key)
            guard ImportedRun.isName(key) else {
                throw .wrong(fields.path, expected: "an object with short names")
            }
            let metric = try fields.fields(key)
            // An undefined metric is NaN in the log.
            guard let value = metric["value"] else { continue }
            guard let number = value.finiteNumber,
                let made = ImportedMetric(name: key, value: number)
            else { throw .wrong(name + ".value", expected: "a number") }
            metrics.append(made)
        }
        return metrics
    }

    /// - Parameter scores: the scores of the sample by scorer; nil for a sample without scores, which did not pass.
    mutating func add(_ scores: ForeignFields?, of id: ExactText) throws(ImportError) {
        let before = passed[id] ?? true
        guard let scores, scores[key] != nil || scores[scorer] != nil else {
            passed[id] = false
            return
        }
        let score = try scores.fields(scores[key] != nil ? key : scorer)
        if let metadata = score["metadata"], metadata["grading"] != nil { hasGrading = true }
        switch ScoreValue(score["value"]) {
        case .pass: passed[id] = before
        case .fail: passed[id] = false
        case .graded: isGraded = true
        }
    }

    var imported: ImportedScorer {
        let rate = isGraded ? nil : PassRate(passed.values.count { $0 }, of: passed.count)
        return ImportedScorer(name: name, judge: judge, rate: rate, metrics: metrics)
    }

    private var judge: ImportedScorer.JudgeKind {
        let own = scorer.split(separator: "/", omittingEmptySubsequences: false)
        let word = own.last.map(String.init) ?? ""
        if hasGrading || hasModelParameter || word.hasPrefix("model_graded") { return .model }
        let isOfInspect = own.count == 1 || (own.count == 2 && own[0] == "inspect_ai")
        return isOfInspect && Self.code.contains { sameBytes($0, word) } ? .code : .unknown
    }
}

/// The meaning of a score of one trial.
enum ScoreValue {
    case pass, fail
    /// A value between, or one of several parts.
    case graded

    /// `C` and 1 pass; `I`, `P` (partial), `N` (no answer), 0 and no value fail.
    init(_ value: JSONValue?) {
        guard let value else {
            self = .fail
            return
        }
        switch value {
        case .null: self = .fail
        case .bool(let isPass): self = isPass ? .pass : .fail
        case .string("C"): self = .pass
        case .string("I"), .string("P"), .string("N"): self = .fail
        case .integer, .number:
            let number = value.finiteNumber ?? -1
            self = number == 1 ? .pass : number == 0 ? .fail : .graded
        case .string, .array, .object: self = .graded
        }
    }
}
