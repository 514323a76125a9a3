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
    /// Nil for an agent case, whose reviewer states in the file what is expected.
    private let expect: Verdict?
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
        expect = try Self.stated(invocation)
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
        guard draft.isDraft else { throw Failure(.data, "`\(shown)` is no draft") }
        try Self.check(expect, of: draft)
        try checkReviewer()
    }

    /// - Throws: exit 64 unless `--expect` is absent or a verdict.
    private static func stated(_ invocation: Invocation) throws(Failure) -> Verdict? {
        guard let text = invocation["expect"] else { return nil }
        guard let verdict = verdict(text) else {
            throw Failure(
                .usage, "`\(TerminalEscaping.shown(text))` is no verdict",
                help: "allow, approve, `approve 2` or deny")
        }
        return verdict
    }

    /// - Throws: exit 64 unless a policy case has a verdict, and an agent case has none.
    private static func check(_ expect: Verdict?, of draft: EvalCase) throws(Failure) {
        switch (draft.kind, expect) {
        case (.policy, .some), (.agent, nil): break
        case (.policy, nil):
            throw Failure(.usage, "`--expect` is missing", help: "--expect VERDICT")
        case (.agent, .some):
            throw Failure(
                .usage, "an agent case has no single verdict",
                help: "state in the file, under `expect`, what should have happened")
        }
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
        let changed = expect == recorded ? nil : expect
        let policy =
            draft.regressionOf == nil && changed != nil ? draft.origins.first?.policy : nil
        let day = input.now.day
        let (edited, read) = try file.edited(of: agent) { edit throws(CaseEdit.Refusal) in
            guard !edit.has("missing") else {
                let what =
                    expect == nil ? "the request is not on record" : "the arguments were erased"
                throw CaseEdit.Refusal(message: "\(what): state it, and remove `missing`")
            }
            if let changed { try edit.expect(changed) }
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
        let words = expect.map { "expects \($0)\(regression)" } ?? "counts from the next run on"
        return invocation.print(
            [
                "case": .string(read.id.text), "path": .string(file.path),
                "expect": expect.map { .string($0.description) } ?? .null,
                "by": .string(reviewer.address),
                "regression_of": read.regressionOf.map { .string($0.prefixed) } ?? .null,
            ], "`\(read.id)` \(words): \(shown)")
    }
}
