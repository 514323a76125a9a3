import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Results of promptfoo, version 3 (docs/specs/evals.md, section 8). No file of a real run was at hand: the fixture has
/// the members that the project documents.
struct PromptfooFileTests {
    private func read(_ text: String) throws(ImportError) -> ImportedRun {
        try PromptfooFile.read(Array(text.utf8))
    }

    @Test func `a file says which cases passed, by whose judgement`() throws {
        let run = try read(ImportFixture.promptfoo)
        #expect(run.tool == "promptfoo 0.120.0" && run.task == "eval-1")
        #expect(run.model == "exec:agent" && run.cases == 3 && run.trials == 4)
        #expect(run.ended.rfc3339(fractionDigits: 0) == "2026-11-20T09:00:11Z")
        #expect(run.scorers.map(\.name) == ["assert contains", "assert llm-rubric", "success"])
        #expect(run.scorers.map(\.judge) == [.code, .model, .model])
        // The trial that timed out fails each type of assertion.
        #expect(
            run.scorers.map(\.rate)
                == [PassRate(1, of: 3), PassRate(2, of: 3), PassRate(1, of: 3)])
    }

    @Test(arguments: [
        (#""version": 3"#, #""version": 2"#), (#""version": 3, "#, ""),
        (#""successes": 2"#, #""successes": 3"#),
        (#""successes": 2, "failures": 1"#, #""successes": 1, "failures": 2"#),
        (#""errors": 1"#, #""errors": 0"#), (#""failures": 1, "#, ""),
        (#""timestamp": "2026-11-20T09:00:11.123Z", "#, ""),
        (#""testIdx": 2"#, #""testIdx": -1"#), (#""testIdx": 2"#, #""testIdx": 1e99"#),
        (#""success": false, "error""#, #""success": "no", "error""#),
        (#""assertion": {"type": "not-contains"}"#, #""assertion": {"type": 7}"#),
        (#""pass": true, "assertion": {"type": "not-contains"}"#, #""assertion": {"type": "x"}"#),
        (#""stats""#, #""statistics""#), (#""provider": {"id": "exec:agent"}"#, #""provider": 1"#),
    ])
    func `a file of another form, or that contradicts itself, is refused`(
        _ old: String, _ new: String
    ) {
        let text = ImportFixture.promptfoo.replacing(old, with: new)
        #expect(text != ImportFixture.promptfoo)
        #expect(throws: ImportError.self) { try read(text) }
    }

    @Test func `a comparison of several prompts is refused`() {
        let text = ImportFixture.promptfoo.replacing(
            #""testIdx": 2, "promptIdx": 0"#, with: #""testIdx": 2, "promptIdx": 1"#)
        #expect(throws: ImportError.several(2)) { try read(text) }
        // Results of another provider under the number of the one prompt.
        let mixed = ImportFixture.promptfoo.replacing(
            #""provider": {"id": "exec:agent"}, "gradingResult": null"#,
            with: #""provider": {"id": "exec:other"}, "gradingResult": null"#)
        #expect(mixed != ImportFixture.promptfoo)
        #expect(throws: ImportError.several(2)) { try read(mixed) }
    }

    @Test func `a success without an assertion, or by code of its own, is judged by unknown`()
        throws
    {
        for (old, new) in [
            (
                #"[{"pass": true, "assertion": {"type": "not-contains"}}]"#, "[]"
            ),
            (#""type": "not-contains""#, #""type": "javascript""#),
        ] {
            let text = ImportFixture.promptfoo
                .replacing(#""type": "llm-rubric""#, with: #""type": "equals""#)
                .replacing("[\n      {", with: "[{")
                .replacing(old, with: new)
            let run = try read(text)
            let success = try #require(run.scorers.first { $0.name == "success" })
            #expect(success.judge == .unknown, "\(new)")
        }
    }
}
