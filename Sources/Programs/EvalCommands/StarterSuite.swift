import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

/// A first suite, made of the policy and the lock: each case expects what is decided today, so that a change shows. It
/// says nothing about what ought to be decided; people review it.
struct StarterSuite {
    private let agent: AgentName
    private let owner: Person
    private let folder: SuiteFolder
    private let input: EvalInput
    private let runner: PolicyCaseRunner
    /// The stage that the cases state, for an agent that is not supervised yet; nil for its own.
    private let stage: TrustStage?

    /// A member that no schema has.
    private static let extraMember = "not_in_the_schema"

    /// Writes a starter suite, unless the agent has a suite, which is then left as it is.
    ///
    /// - Throws: exit 66 for an unknown agent, 65 if it has no owner or can reach no tool, 73 if a file cannot be written.
    static func prepare(
        _ name: String, _ input: EvalInput, _ runner: PolicyCaseRunner
    ) throws(Failure) {
        let agent = try PolicyInput.agent(name, in: input.policy)
        guard !SuiteFolder(agent, in: input.root).exists else {
            Output.error("note: agent `\(agent)` has a suite, to which nothing is added")
            return
        }
        try StarterSuite(name, input, runner).write()
    }

    /// - Throws: exit 66 for an unknown agent, 65 if it has no owner, 73 if its folder is there.
    init(_ name: String, _ input: EvalInput, _ runner: PolicyCaseRunner) throws(Failure) {
        agent = try PolicyInput.agent(name, in: input.policy)
        folder = SuiteFolder(agent, in: input.root)
        guard !File.exists(folder.path) else {
            throw Failure(
                .cannotCreate,
                "`\(TerminalEscaping.shown(folder.path))` is there, without `suite.yaml`",
                help: "move it away")
        }
        let entry = input.policy.agents[agent]
        guard let owner = entry?.owner ?? input.policy.owners.first else {
            throw Failure(
                .data, "agent `\(agent)` has no owner", help: "state `owner` in the policy")
        }
        self.owner = owner
        self.input = input
        self.runner = runner
        stage = entry?.stage == .observe ? .supervised : nil
    }

    /// Writes the files. Tools for which no case can be made are named on standard error.
    func write() throws(Failure) {
        guard let facts = LintFacts(of: agent, in: input.policy, at: input.now) else {
            throw Failure(.notFound, "the policy has no agent `\(agent)`")
        }
        var drafts: [Draft] = []
        for tool in facts.tools {
            let made = self.cases(for: tool)
            if made.isEmpty { Output.error("no case for \(tool.address): write one") }
            drafts += made
        }
        if !drafts.isEmpty, !drafts.contains(where: { $0.caseClass == .refuse }) {
            if let refused = refusedCall() {
                drafts.append(refused)
            } else {
                Output.error("no call is denied: write a case of class `refuse`")
            }
        }
        var cases: [(id: String, text: String)] = []
        for one in drafts {
            var id = one.id
            var number = 2
            while cases.contains(where: { $0.id == id }) {
                id = String(one.id.prefix(59)) + "-\(number)"
                number += 1
            }
            cases.append((id: id, text: one.text(id)))
        }
        guard !cases.isEmpty else {
            throw Failure(
                .data, "agent `\(agent)` can reach no tool, so that there is nothing to test")
        }
        for path in [input.root, folder.path, folder.path + "/cases"] {
            try ResultWriter.makeFolder(path)
        }
        for one in cases {
            try ResultWriter.write(
                Array(one.text.utf8), to: folder.path + "/cases/\(one.id).yaml")
        }
        // Written last, so that a part of a suite is not taken for one.
        let suite = "interlock_eval: 1\nagent: \(agent)\nowner: \(owner)\n"
        try ResultWriter.write(Array(suite.utf8), to: folder.path + "/suite.yaml")
        Output.error("wrote \(cases.count) cases to \(TerminalEscaping.shown(folder.path))")
    }

    private struct Draft {
        let caseClass: CaseClass
        let id: String
        let text: (String) -> String
    }

    private func cases(for tool: LintFacts.Tool) -> [Draft] {
        let schema = input.policy.lock?.inputSchema(of: tool.address)
        let arguments = schema.map { ExampleArguments.make(for: $0) } ?? [:]
        guard let plain = answer(tool.address, arguments) else { return [] }
        guard plain.verdict == .allow else {
            let isRefused = plain.verdict == .deny || tool.isConsequential
            return [draft(isRefused ? .refuse : .golden, tool.address, arguments, plain)]
        }
        var drafts = [draft(.allow, tool.address, arguments, plain)]
        var more = arguments
        more[Self.extraMember] = true
        if let refused = answer(tool.address, more), refused.verdict == .deny {
            // The call is allowed without the member, so that its mutants prove nothing.
            drafts.append(draft(.refuse, tool.address, more, refused, isMutated: false))
        }
        return drafts
    }

    /// A denied call of any tool of the policy; nil if there is none. Without a case that expects a refusal, a policy that
    /// allows everything passes the suite (T04).
    private func refusedCall() -> Draft? {
        for row in input.policy.table.rows {
            let schema = input.policy.lock?.inputSchema(of: row.address)
            let arguments = schema.map { ExampleArguments.make(for: $0) } ?? [:]
            if let denied = answer(row.address, arguments), denied.verdict == .deny {
                return draft(.refuse, row.address, arguments, denied, isMutated: false)
            }
        }
        return nil
    }

    private func answer(
        _ address: ToolAddress, _ arguments: JSONObject
    ) -> PolicyCaseRunner.Answer? {
        let place = PolicyLocation(file: folder.path, line: 1, column: 1)
        func value(_ kind: TypedValue.Kind) -> TypedValue {
            TypedValue(kind: kind, place: place, path: "")
        }
        var members: [(String, TypedValue.Kind)] = [
            ("agent", .text(agent.text)), ("call", .text(address.description)),
            ("args", .json(.object(arguments))), ("expect", .verdict(.allow)),
            ("at", .instant(input.now.wholeSecond)),
        ]
        if let stage { members.append(("stage", .text(stage.rawValue))) }
        let written = members.map { key, kind in
            TypedValue.Member(key: key, keyPlace: place, value: value(kind))
        }
        guard let test = TestSpec(value(.record(written))) else { return nil }
        return runner.answers(to: [test]).first ?? nil
    }

    private func draft(
        _ caseClass: CaseClass, _ address: ToolAddress, _ arguments: JSONObject,
        _ answer: PolicyCaseRunner.Answer, isMutated: Bool = true
    ) -> Draft {
        let json = JSONValue.object(arguments).json
        let at = input.now.wholeSecond.rfc3339(fractionDigits: 0)
        let stated = stage.map { "stage: \($0.rawValue)\n" } ?? ""
        let because = answer.verdict == .deny ? "because: \(answer.reason)\n" : ""
        let mutate = isMutated ? "" : "mutate: none\n"
        let id = Self.slug("\(caseClass.rawValue)-\(address)")
        return Draft(caseClass: caseClass, id: id) { id in
            """
            interlock_eval: 1
            id: \(id)
            kind: policy
            class: \(caseClass.rawValue)
            call: "\(address)"
            args: \(json)
            at: "\(at)"
            \(stated)\(mutate)expect: \(answer.verdict)
            \(because)
            """
        }
    }

    /// The id of a case: lower-case letters, digits and hyphens.
    private static func slug(_ text: String) -> String {
        let bytes = text.lowercased().utf8.map { byte in
            isDigit(byte) || isLetter(byte) ? byte : UInt8(ascii: "-")
        }
        return String(decoding: bytes.prefix(63), as: UTF8.self)
    }
}
