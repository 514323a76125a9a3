package import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

/// `interlock eval capture --confirm`: a reviewer says what should have been decided, and the case counts from then on.
package struct CaseConfirmation {
    private let invocation: Invocation
    private let file: CaseFile
    private let agent: AgentName
    private let draft: EvalCase
    private let input: EvalInput
    private let expect: Verdict
    private let reviewer: Person

    /// - Throws: exit 64 for the command line, 65 if the file is no draft that can be confirmed, 66 for the agent, 77 if
    ///   the person may not confirm it.
    package init(_ invocation: Invocation) throws(Failure) {
        self.invocation = invocation
        let others = ["out", "run", "log", "vkey", "trust"].filter { invocation.has($0) }
        guard invocation.positional.isEmpty, others.isEmpty else {
            throw Failure(
                .usage, "`--confirm` is about a file: it takes no EVENT and reads no log",
                help: "interlock eval capture --confirm FILE --expect VERDICT --by EMAIL")
        }
        let text = try invocation.require("expect")
        guard let verdict = Self.verdict(text) else {
            throw Failure(
                .usage, "`\(TerminalEscaping.shown(text))` is no verdict",
                help: "allow, approve, `approve 2` or deny")
        }
        expect = verdict
        reviewer = try CaseCapture.person(invocation)
        input = try EvalInput(invocation)
        file = try CaseFile(try invocation.require("confirm"))
        let shown = TerminalEscaping.shown(file.path)
        guard let named = file.agent else {
            throw Failure(
                .data, "`\(shown)` is not a draft: it names no agent, which a captured case does")
        }
        agent = try PolicyInput.agent(named.text, in: input.policy)
        draft = try file.read(of: agent, as: "`\(shown)` is no case")
        guard draft.isDraft, draft.kind == .policy else {
            throw Failure(.data, "`\(shown)` is no draft of a policy case")
        }
        try checkReviewer()
    }

    private static func verdict(_ text: String) -> Verdict? {
        let approvals = (1...9).map { Verdict.approve($0) }
        let all: [Verdict] = [.allow, .deny] + approvals
        return all.first { $0.description == text }
    }

    /// - Throws: exit 77 unless the policy names the person, who neither answers for the agent or its suite nor is the
    ///   only one who captured the case.
    private func checkReviewer() throws(Failure) {
        let policy = input.policy
        try input.checkPerson(reviewer)
        let suite = SuiteFolder(agent, in: input.root)
        var author: Person?
        if suite.exists { author = try suite.read().suite.owner }
        if reviewer == policy.agents[agent]?.owner || reviewer == author {
            throw Failure(
                .notPermitted, "`\(reviewer)` answers for agent `\(agent)` or its suite",
                help: "another person confirms what should have been decided")
        }
        if Set(draft.origins.map(\.capturedBy)) == [reviewer] {
            throw Failure(
                .notPermitted, "`\(reviewer)` captured this case",
                help: "another person confirms what should have been decided")
        }
    }

    /// Edits the file: `expect`, and `reviewed` for `draft`.
    package func run() throws(Failure) -> Exit {
        let shown = TerminalEscaping.shown(file.path)
        // The draft expects what was recorded.
        let recorded = draft.policyCase?.test.expect
        let policy =
            draft.regressionOf == nil && expect != recorded
            ? draft.origins.first?.policy : nil
        let day = input.now.day
        let isChanged = expect != recorded
        let (edited, read) = try file.edited(of: agent) { edit throws(CaseEdit.Refusal) in
            guard !edit.has("missing") else {
                throw CaseEdit.Refusal(
                    message: "the arguments were erased: state them, and remove `missing`")
            }
            if isChanged { try edit.expect(expect) }
            try edit.confirm(by: reviewer, on: day, regressionOf: policy)
        }
        let expected = CaseReview(reviewer, on: day)
        guard !read.isDraft, read.reviews == [expected], read.id == draft.id,
            read.origins == draft.origins, read.policyCase?.test.expect == expect,
            read.policyCase?.test.arguments == draft.policyCase?.test.arguments,
            read.policyCase?.call == draft.policyCase?.call,
            read.regressionOf == policy ?? draft.regressionOf
        else { throw Failure(.data, "`\(shown)` cannot be edited: confirm it by hand") }
        try edited.write()
        if let policy, !PolicyCopies(of: SuiteFolder(agent, in: input.root)).has(policy) {
            Output.error(
                "warning: policy \(policy.prefixed) is not kept with the suite, so that `eval lint` cannot run the case on it"
            )
        }
        let regression = read.regressionOf.map { ", a regression of \($0.prefixed)" } ?? ""
        return invocation.print(
            [
                "case": .string(read.id.text), "path": .string(file.path),
                "expect": .string(expect.description), "by": .string(reviewer.address),
                "regression_of": read.regressionOf.map { .string($0.prefixed) } ?? .null,
            ], "`\(read.id)` expects \(expect)\(regression): \(shown)")
    }
}
