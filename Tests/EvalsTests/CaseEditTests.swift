import InterlockModel
import InterlockPolicy
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockEvals

/// Edits of the files of cases, which keep what people wrote (docs/specs/evals.md, section 7).
@Suite(.requirement("R102")) struct CaseEditTests {
    private static let paul = Person("paul@acme.example").unwrapped
    private static let policy = Digest(prefixed: EvalFixture.digest).unwrapped

    private func opened(_ text: String) throws -> CaseEdit {
        let root = try #require(readYAML(Array(text.utf8), file: "case.yaml").root)
        return try CaseEdit(text, root)
    }

    private static let written = """
        # Why: the order of March.
        interlock_eval: 1
        kind: policy
        draft: true   # until Paul looked
        id: a

        class: incident
        call: billing.refund_request
        args:
          amount_cents: 1   # one
          note: "draft: true"
        expect: "allow" # recorded
        origin:
          # the first
          - \(CaseDraftTests.origin(7).flow)
        template: refunds

        """

    @Test func `a confirmation changes two lines and adds one`() throws {
        var edit = try opened(Self.written)
        try edit.expect(.approve(2))
        try edit.confirm(by: Self.paul, on: EvalFixture.day, regressionOf: Self.policy)
        let expected = Self.written
            .replacing("expect: \"allow\" #", with: "expect: approve 2 #")
            .replacing(
                "draft: true   # until Paul looked",
                with:
                    #"reviewed: {by: "paul@acme.example", on: "2026-11-29"}   # until Paul looked"#
                    + "\nregression_of: \"\(EvalFixture.digest)\"")
        #expect(edit.text == expected)
        let one = try #require(EvalFixture.readCase(edit.text).evalCase)
        #expect(!one.isDraft && one.regressionOf == Self.policy)
        #expect(one.reviews == [CaseReview(Self.paul, on: EvalFixture.day)])
    }

    @Test func `an origin goes behind the last one`() throws {
        var edit = try opened(Self.written)
        let more = CaseDraftTests.origin(9)
        try edit.add(more)
        let line = "  - \(CaseDraftTests.origin(7).flow)\n"
        #expect(
            edit.text == Self.written.replacing(line, with: line + "  - \(more.flow)\n"))
        let one = try #require(EvalFixture.readCase(edit.text).evalCase)
        #expect(one.origins == [CaseDraftTests.origin(7), more])
    }

    @Test(arguments: ["", "\n"])
    func `a case that was written by hand gets its first origin at the end`(
        _ end: String
    ) throws {
        let text = EvalFixture.policyText("a").trimmed + end
        var edit = try opened(text)
        try edit.add(CaseDraftTests.origin(9))
        #expect(edit.text == text.trimmed + "\norigin:\n  - \(CaseDraftTests.origin(9).flow)" + end)
        let one = try #require(EvalFixture.readCase(edit.text).evalCase)
        #expect(one.origins == [CaseDraftTests.origin(9)])
    }

    @Test func `carriage returns stay at the ends of lines`() throws {
        var edit = try opened(Self.written.replacing("\n", with: "\r\n"))
        try edit.expect(.deny)
        try edit.add(CaseDraftTests.origin(9))
        try edit.confirm(by: Self.paul, on: EvalFixture.day, regressionOf: Self.policy)
        let lines = edit.text.utf8.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        #expect(lines.dropLast().allSatisfy { $0.last == UInt8(ascii: "\r") })
        #expect(EvalFixture.readCase(edit.text).evalCase?.origins.count == 2)
    }

    /// Files whose layout is not edited.
    private static let unfit = [
        "{interlock_eval: 1, draft: true, expect: deny}\n",
        "- draft: true\n",
        "  draft: true\n  expect: deny\n",
    ]

    @Test(arguments: unfit)
    func `a file without a key on each line is left to people`(_ text: String) throws {
        #expect(throws: CaseEdit.Refusal.self) { try opened(text) }
    }

    @Test(arguments: ["expect:\n  deny\n", "expect: [deny]\n", "x: 1\n", "expect: \"d\\x65ny\"\n"])
    func `a value that is not one word on its line is left to people`(_ text: String) throws {
        var edit = try opened(text)
        var refusal: CaseEdit.Refusal?
        do throws(CaseEdit.Refusal) { try edit.expect(.allow) } catch { refusal = error }
        #expect(refusal != nil && edit.text == text)
    }

    @Test(arguments: [
        "origin: {log: l}\n", "origin: [{log: l}]\n", "origin:\n  - log: l\n    leaf: 1\n",
        "origin: []\n",
    ])
    func `origins that are not lines of a list are left to people`(_ text: String) throws {
        var edit = try opened(text)
        var refusal: CaseEdit.Refusal?
        do throws(CaseEdit.Refusal) { try edit.add(CaseDraftTests.origin()) } catch {
            refusal = error
        }
        #expect(refusal != nil && edit.text == text)
    }
}

extension String {
    /// The text without line feeds and spaces at its end.
    fileprivate var trimmed: String {
        var text = self
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
