import InterlockJSON
import InterlockModel

/// Reads the JSON that `promptfoo eval --output FILE.json` writes, version 3. Its members are those of the types that the
/// project documents; no file of a real run was at hand.
package enum PromptfooFile {
    static let version = 3
    /// The largest file in bytes.
    package static let largest = 64 << 20

    package static func read(_ bytes: [UInt8]) throws(ImportError) -> ImportedRun {
        let file = try ForeignFields.parse(bytes, limit: largest, named: "the file")
        let results = try file.fields("results")
        let versioned = results["version"] == nil ? file : results
        _ = try versioned.count("version", in: version...version)
        let list = try results.list("results")
        let stats = try results.fields("stats")
        let counts = 0...ImportedRun.mostTrials
        let successes = try stats.count("successes", in: counts)
        let failures = try stats.count("failures", in: counts)
        let errors = stats["errors"] == nil ? 0 : try stats.count("errors", in: counts)
        guard (1...ImportedRun.mostTrials).contains(list.count),
            successes + failures + errors == list.count
        else { throw .count(stated: successes + failures + errors, found: list.count) }
        var tally = PromptfooTally()
        for (number, result) in list.enumerated() {
            try tally.add(try ForeignFields(result, at: "results.results[\(number)]"))
        }
        guard tally.successes == successes else {
            throw .wrong(
                stats.place("successes"), expected: "the number of results that succeeded")
        }
        guard tally.setups.count == 1 else { throw .several(tally.setups.count) }
        guard tally.providers.count <= 1 else { throw .several(tally.providers.count) }
        var tool = "promptfoo"
        if file["metadata"] != nil {
            let metadata = try file.fields("metadata")
            if metadata["promptfooVersion"] != nil {
                let release = try metadata.name("promptfooVersion")
                tool += " " + release
            }
        }
        guard ImportedRun.isName(tool) else {
            throw .wrong("metadata.promptfooVersion", expected: "a short version")
        }
        let time = try results.time("timestamp")
        return ImportedRun(
            tool: tool, task: file["evalId"] == nil ? "promptfoo" : try file.name("evalId"),
            model: tally.model, started: time, ended: time, cases: tally.cases,
            trials: list.count, scorers: tally.scorers)
    }
}

/// The results of a file while they are added: one trial of the case `testIdx` each.
private struct PromptfooTally {
    private struct Trial {
        let test: Int
        let passed: Bool
        /// The assertions by their types, with whether all of one type passed.
        let assertions: [ExactText: Bool]
    }

    private(set) var successes = 0
    private(set) var model: String?
    /// The prompts that were tested; one for each prompt and provider.
    private(set) var setups: Set<Int> = []
    private(set) var providers: Set<ExactText> = []
    private var trials: [Trial] = []
    private var types: Set<ExactText> = []
    private var allCases: Set<Int> = []
    /// True if a trial had no assertion, so that its success says nothing.
    private var hasUnasserted = false

    var cases: Int { allCases.count }

    /// The types of assertions that compare text or counts. Custom code may ask a model, and similarity does.
    private static let byCode: [String] = [
        "equals", "contains", "icontains", "contains-all", "contains-any", "icontains-all",
        "icontains-any", "starts-with", "regex", "is-json", "contains-json", "is-xml",
        "contains-xml", "is-html", "contains-html", "is-sql", "contains-sql", "levenshtein",
        "rouge-n", "bleu", "gleu", "meteor", "latency", "cost", "finish-reason",
        "is-valid-function-call", "is-valid-openai-function-call", "is-valid-openai-tools-call",
        "word-count",
    ]
    private static let byModel: [String] = [
        "llm-rubric", "g-eval", "factuality", "model-graded-closedqa", "model-graded-factuality",
        "answer-relevance", "context-faithfulness", "context-recall", "context-relevance",
        "conversation-relevance", "select-best", "similar", "classifier", "moderation", "pi",
        "search-rubric",
    ]

    mutating func add(_ result: ForeignFields) throws(ImportError) {
        let test = try result.count("testIdx", in: 0...ImportedRun.mostTrials)
        allCases.insert(test)
        guard allCases.count <= ImportedRun.mostCases else {
            throw .wrong("results.results", expected: "of at most \(ImportedRun.mostCases) cases")
        }
        setups.insert(try result.count("promptIdx", in: 0...ImportedRun.mostTrials))
        if result["provider"] != nil {
            let provider = try result.fields("provider")
            if provider["id"] != nil {
                let id = try provider.name("id")
                providers.insert(ExactText(id))
                model = id
            }
        }
        let success = try result.bool("success")
        if success { successes += 1 }
        var assertions: [ExactText: Bool] = [:]
        if result["gradingResult"] != nil {
            try add(try result.fields("gradingResult"), to: &assertions)
        }
        // A result with an error has no assertions, and is a failed trial.
        if assertions.isEmpty, result["error"] == nil { hasUnasserted = true }
        trials.append(Trial(test: test, passed: success, assertions: assertions))
    }

    private mutating func add(
        _ grading: ForeignFields, to assertions: inout [ExactText: Bool]
    ) throws(ImportError) {
        guard grading["componentResults"] != nil else { return }
        for (number, value) in try grading.list("componentResults").enumerated() {
            let place = grading.place("componentResults") + "[\(number)]"
            let component = try ForeignFields(value, at: place)
            guard component["assertion"] != nil else { continue }
            var text = try component.fields("assertion").name("type")
            // `not-contains` is judged as `contains` is.
            if text.hasPrefix("not-") { text = String(text.dropFirst(4)) }
            guard ImportedRun.isName(Self.name(of: text)) else {
                throw .wrong(place + ".assertion.type", expected: "a type of assertions")
            }
            let type = ExactText(text)
            types.insert(type)
            guard types.count < ImportedRun.mostScorers else {
                throw .wrong(
                    place + ".assertion.type",
                    expected: "one of less than \(ImportedRun.mostScorers) types")
            }
            let passed = try component.bool("pass")
            assertions[type] = passed && (assertions[type] ?? true)
        }
    }

    /// The success of the whole, and each type of assertion.
    var scorers: [ImportedScorer] {
        var judge = ImportedScorer.JudgeKind.code
        if types.contains(where: { Self.judge(of: $0) == .unknown }) || hasUnasserted {
            judge = .unknown
        }
        if types.contains(where: { Self.judge(of: $0) == .model }) { judge = .model }
        var scorers = [
            ImportedScorer(
                name: "success", judge: judge, rate: rate { (one: Trial) -> Bool? in one.passed },
                metrics: [])
        ]
        for type in types {
            let passed = rate { (one: Trial) -> Bool? in
                // A trial that ended before its assertions fails those that the file has.
                if one.assertions.isEmpty { return one.passed ? nil : false }
                return one.assertions[type]
            }
            scorers.append(
                ImportedScorer(
                    name: Self.name(of: type.text), judge: Self.judge(of: type), rate: passed,
                    metrics: []))
        }
        return scorers
    }

    private static func name(of type: String) -> String { "assert " + type }

    private func rate(_ passed: (Trial) -> Bool?) -> PassRate? {
        var cases: [Int: Bool] = [:]
        for trial in trials {
            guard let one = passed(trial) else { continue }
            cases[trial.test] = (cases[trial.test] ?? true) && one
        }
        return PassRate(cases.values.count { $0 }, of: cases.count)
    }

    private static func judge(of type: ExactText) -> ImportedScorer.JudgeKind {
        if byModel.contains(where: { sameBytes($0, type.text) }) { return .model }
        return byCode.contains { sameBytes($0, type.text) } ? .code : .unknown
    }
}
