import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Logs of Inspect, in both of their forms (docs/specs/evals.md, section 8).
struct InspectLogTests {
    @Test func `a log says which cases passed, by whose judgement`() throws {
        let run = try ImportFixture.read(ImportFixture.log())
        #expect(run.tool == "inspect_ai 0.3.285" && run.task == "refunds")
        #expect(run.model == "mockllm/model")
        #expect(run.started.rfc3339(fractionDigits: 0) == "2026-11-20T09:00:11Z")
        #expect(run.ended.rfc3339(fractionDigits: 0) == "2026-11-20T09:04:02Z")
        #expect(run.cases == 2 && run.trials == 4)
        #expect(run.scorers.map(\.name) == ["includes", "model_graded_qa"])
        #expect(run.scorers.map(\.judge) == [.code, .model])
        // One epoch failed, so the case did.
        #expect(run.scorers.map(\.rate) == [PassRate(1, of: 2), PassRate(2, of: 2)])
        // An undefined metric is no metric.
        #expect(run.scorers[0].metrics == [ImportedMetric(name: "accuracy", value: 0.75)])
    }

    @Test func `an archive says the same as the log in JSON`() throws {
        let json = try ImportFixture.read(ImportFixture.log())
        #expect(try ImportFixture.read(ImportFixture.archive()) == json)
    }

    private static let badHeaders: [(String, String, ImportError)] = [
        (#""status": "success""#, #""status": "error""#, .status("error")),
        (#""status": "success""#, #""status": "started""#, .status("started")),
        (#""status": "success", "#, "", .missing("status")),
        (
            #""version": 2"#, #""version": 1"#,
            .wrong("version", expected: "a whole number from 2 to 2")
        ),
        (#""invalidated": false"#, #""invalidated": true"#, .invalidated("invalidated")),
        (#""total_samples": 4"#, #""total_samples": 5"#, .count(stated: 5, found: 4)),
        (#""total_samples": 4"#, #""total_samples": 3"#, .count(stated: 3, found: 4)),
        (#""task": "refunds", "#, "", .missing("eval.task")),
        (
            #""task": "refunds""#, #""task": "a\u0007b""#,
            .wrong("eval.task", expected: "text of 1 to 128 bytes without control characters")
        ),
        (
            #""started_at": "2026"#, #""started_at": "2027"#,
            .wrong("stats.completed_at", expected: "no earlier than `started_at`")
        ),
        (
            #""name": "model_graded_qa", "scorer""#, #""name": "includes", "scorer""#,
            .wrong("results.scores[1].name", expected: "another name for each scorer")
        ),
        (
            #""value": 0.75"#, #""value": "0.75""#,
            .wrong("results.scores[0].metrics.accuracy.value", expected: "a number")
        ),
    ]

    @Test(arguments: badHeaders)
    func `a header that proves nothing is refused`(
        _ old: String, _ new: String, _ error: ImportError
    ) throws {
        let header = ImportFixture.header.replacing(old, with: new)
        #expect(header != ImportFixture.header)
        #expect(throws: error) { try ImportFixture.read(ImportFixture.log(header)) }
        #expect(throws: error) { try ImportFixture.read(ImportFixture.archive(header)) }
    }

    @Test func `a total beyond all numbers is refused`() {
        for number in ["1000001", "0", "-1", "4.0", "9007199254740993", "1e300", "\"4\"", "null"] {
            let header = ImportFixture.header.replacing(
                #""total_samples": 4"#, with: #""total_samples": \#(number)"#)
            #expect(throws: ImportError.self, "\(number)") {
                try ImportFixture.read(ImportFixture.log(header))
            }
        }
    }

    @Test func `a log without its samples is refused`() {
        #expect(throws: ImportError.missing("samples")) {
            try ImportFixture.read("{" + ImportFixture.header + "}")
        }
        #expect(throws: ImportError.count(stated: 4, found: 0)) {
            try ImportFixture.read(ImportFixture.archive(ImportFixture.header, []))
        }
        let twice = ImportFixture.log(
            ImportFixture.header, ImportFixture.samples + [ImportFixture.samples[0]])
        #expect(
            throws: ImportError.wrong(
                "samples[4].epoch", expected: "another one for each trial of a case")
        ) { try ImportFixture.read(twice) }
        #expect(throws: ImportError.missingEntry("header.json")) {
            try ImportFixture.read(ZipFixture.archive([ZipFixture("samples/a.json", "{}")]))
        }
        #expect(throws: ImportError.zip(.noEnd)) {
            try ImportFixture.read(ZipArchive.signature)
        }
    }

    @Test func `a sample that failed, has no score or is marked as invalid never passes`() throws {
        let good = ImportFixture.samples
        for bad in [
            #"{"id": 7, "epoch": 1, "error": {"message": "x"}, "scores": {"includes": {"value": "C"}}}"#,
            #"{"id": 7, "epoch": 1, "scores": {}}"#, #"{"id": 7, "epoch": 1}"#,
            #"{"id": 7, "epoch": 1, "scores": {"includes": {"value": NaN}}}"#,
        ] {
            let run = try ImportFixture.read(
                ImportFixture.log(
                    ImportFixture.header,
                    [good[0], good[1], bad, ImportFixture.sample("7", 2, "C")]))
            #expect(run.scorers[0].rate == PassRate(1, of: 2), "\(bad)")
        }
        let marked = #"{"id": 7, "epoch": 1, "invalidation": {"by": "x"}, "scores": {}}"#
        #expect(throws: ImportError.invalidated("samples[0].invalidation")) {
            try ImportFixture.read(ImportFixture.log(ImportFixture.header, [marked]))
        }
    }

    @Test(arguments: [
        "[]", "7", #"{"epoch": 1}"#, #"{"id": 7}"#, #"{"id": [], "epoch": 1}"#,
        #"{"id": 7, "epoch": 0}"#, #"{"id": 7, "epoch": "1"}"#,
        #"{"id": 7, "epoch": 1, "scores": []}"#,
        #"{"id": 7, "epoch": 1, "scores": {"includes": "C"}}"#,
    ])
    func `a sample of another type is refused`(_ sample: String) {
        let error = #expect(throws: ImportError.self) {
            try ImportFixture.read(ImportFixture.log(ImportFixture.header, [sample]))
        }
        if case .count? = error { Issue.record("only the missing samples were noticed") }
    }

    private static let rates: [(String, PassRate?)] = [
        ("C", PassRate(2, of: 2)), ("I", PassRate(1, of: 2)), ("P", PassRate(1, of: 2)),
        ("N", PassRate(1, of: 2)), ("refused", nil),
    ]

    @Test(arguments: rates)
    func `a score is pass or fail, or there is no rate`(_ value: String, _ rate: PassRate?) throws {
        let samples = Array(ImportFixture.samples.dropLast())
        let last = ImportFixture.sample("7", 2, value)
        let run = try ImportFixture.read(ImportFixture.log(ImportFixture.header, samples + [last]))
        #expect(run.scorers[0].rate == rate)
    }

    @Test func `numbers and truth values are scores, and a value between is graded`() {
        for (text, expected) in [
            ("1", ScoreValue.pass), ("1.0", .pass), ("true", .pass), ("0", .fail), ("0.0", .fail),
            ("false", .fail), ("null", .fail), ("0.5", .graded), ("2", .graded), ("[1]", .graded),
            (#"{"a": 1}"#, .graded), (#""c""#, .graded),
        ] {
            let value = try? ForeignFields.parse(
                Array("{\"value\": \(text)}".utf8), limit: 100, named: "the test")
            #expect(ScoreValue(value?["value"]) == expected, "\(text)")
        }
    }

    @Test(arguments: [
        ("includes", "{}", ImportedScorer.JudgeKind.code), ("inspect_ai/match", "{}", .code),
        ("inspect_ai/model_graded_fact", "{}", .model), ("mine/includes", "{}", .unknown),
        ("mine", "{}", .unknown), ("includes", #"{"model_role": "grader"}"#, .model),
        ("a/b/includes", "{}", .unknown),
    ])
    func `who judged is code only for a comparison of the tool itself`(
        _ scorer: String, _ parameters: String, _ judge: ImportedScorer.JudgeKind
    ) throws {
        let header = ImportFixture.header.replacing(
            #""scorer": "includes", "params": {}"#,
            with: #""scorer": "\#(scorer)", "params": \#(parameters)"#)
        let run = try ImportFixture.read(ImportFixture.log(header))
        #expect(run.scorers[0].judge == judge)
    }

    @Test func `messages of a grading model show that a model judged`() throws {
        let graded = #"""
            {"id": 7, "epoch": 2, "scores": {"includes": {"value": "C", "metadata": {"grading": []}}}}
            """#
        let samples = Array(ImportFixture.samples.dropLast()) + [graded]
        let run = try ImportFixture.read(ImportFixture.log(ImportFixture.header, samples))
        #expect(run.scorers[0].judge == .model)
    }

    /// Both archives are of one run, in the program's own form and repacked.
    @Test func `a log that Inspect wrote is read, and Zstandard is refused with a remedy`() throws {
        let path = TestFiles.root(from: #filePath) + "/Fuzz/EvalImport/corpus/inspect-0.3.285-"
        let deflated = try #require(TestFiles.read(path + "deflated"))
        let run = try ImportFixture.read(deflated)
        #expect(run.tool == "inspect_ai 0.3.285" && run.cases == 2 && run.trials == 4)
        #expect(run.scorers.map(\.rate) == [PassRate(1, of: 2), PassRate(2, of: 2)])
        #expect(run.scorers.map(\.judge) == [.code, .model])
        let own = try #require(TestFiles.read(path + "eval"))
        let error = #expect(throws: ImportError.zip(.zstandard("_journal/start.json"))) {
            try ImportFixture.read(own)
        }
        #expect(error?.help == "write the log as JSON: inspect log dump LOG > LOG.json")
    }

    @Test func `constants of Python are no numbers, and stay text in strings`() {
        for (text, expected) in [
            ("[NaN, -Infinity,Infinity]", "[null, null,null]"),
            (#"{"NaN": "NaN \" Infinity"}"#, #"{"NaN": "NaN \" Infinity"}"#),
            ("-1", "-1"), (#""\\", NaN"#, #""\\", null"#), ("\"", "\""), ("\"\\", "\"\\"),
        ] {
            let made = NonFiniteNumbers.asNull(Array(text.utf8))
            #expect(String(decoding: made, as: UTF8.self) == expected)
        }
        for text in ["[-NaN]", "[1NaN]", "{NaN: 1}", "[NaNNaN]", "[nan]"] {
            #expect(throws: ImportError.self, "\(text)") {
                try ForeignFields.parse(
                    Array("{\"a\": \(text)}".utf8), limit: 100, named: "the test")
            }
        }
    }

    @Test func `text that is no log is refused`() {
        for text in ["", "null", "[]", "{", "{} {}", #"{"a": 1, "a": 2}"#, "\u{feff}{}", "PK"] {
            #expect(throws: ImportError.self, "\(text)") { try ImportFixture.read(text) }
        }
        let deep = String(repeating: "[", count: 10_000)
        #expect(throws: ImportError.self) { try ImportFixture.read("{\"a\": " + deep) }
    }
}
