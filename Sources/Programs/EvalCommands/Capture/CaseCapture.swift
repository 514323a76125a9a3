import InterlockAlerts
package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
package import InterlockEvals
import InterlockJSON
package import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

/// Makes drafts of cases from what was read from the log, and confirms them (docs/specs/evals.md, section 7).
package struct CaseCapture: Sendable {
    /// The person of `--by`, else of `interlock login`: who captures.
    package let person: Person
    package let now: Timestamp
    let invocation: Invocation
    private let input: EvalInput

    package static let options: [Option] =
        EvalInput.options.filter { $0.name != Option.directory.name } + [
            Option("--out DIR", "folder of the draft (default: the suite's `cases`)"),
            Option("--run", "an agent case of the run up to the call"),
            Option("--confirm FILE", "confirm the draft in this file"),
            Option("--expect VERDICT", "with --confirm: what should have been decided"),
            Option("--incident ID", "the open incident that the case is made from"),
            Option("--by EMAIL", "who captures, or who confirms (default: `interlock login`)"),
        ]

    /// - Throws: exit 64 if no person is named, 65 or 66 for the policy, 77 if the policy does not name the person.
    package init(_ invocation: Invocation) throws(Failure) {
        person = try Self.person(invocation)
        self.invocation = invocation
        input = try EvalInput(invocation)
        now = input.now
        try input.checkPerson(person)
    }

    static func person(_ invocation: Invocation) throws(Failure) -> Person {
        if let text = invocation["by"] {
            return try Invocation.parsed(text, "no e-mail address", .usage) { Person($0) }
        }
        guard let preset = try DefaultPerson.read() else {
            throw Failure(
                .usage, "`--by` is missing", help: "--by EMAIL, or: interlock login EMAIL")
        }
        return preset.person
    }

    /// - Parameter decision: the record with the decision about the call.
    /// - Throws: exit 65 if the change gate refused the call: no verdict of a case can say so.
    package static func checkGate(_ decision: StoredRecord) throws(Failure) {
        guard decision.type == RecordType.callDenied.rawValue,
            DenialKind(code: decision.text("code")) == .gated
        else { return }
        throw Failure(
            .data, "the change gate refused the call, not the policy: it makes no case",
            help: "capture a call that the policy decided")
    }

    /// Checks what a draft needs, before the log is read on record.
    ///
    /// - Throws: exit 66 if the policy does not have the agent, or the agent has no suite.
    package func check(_ agent: AgentName) throws(Failure) {
        _ = try PolicyInput.agent(agent.text, in: input.policy)
        _ = try incident()
        guard invocation["out"] == nil, !SuiteFolder(agent, in: input.root).exists else { return }
        throw Failure(
            .notFound, "agent `\(agent)` has no suite",
            help: "interlock eval run \(agent) --starter, or name a folder: --out DIR")
    }

    /// Writes a draft, or adds the origin to the case that has the same call.
    ///
    /// - Parameter policy: the files of the policy that decided (`PolicyBundle`), or nil if they were not kept.
    /// - Throws: exit 65 if the call cannot be stated as a case, 73 if a file cannot be written.
    package func write(
        _ captured: CapturedCall, _ origin: CaseOrigin, policy: [UInt8]?
    ) throws(Failure) -> Exit {
        let folder = folder(of: captured.agent, "cases")
        let hashing = OpenSSLHashing()
        let identity = captured.arguments.flatMap {
            CanonicalCall(of: captured.agent, captured.call, $0, hashing: hashing)
        }
        guard captured.arguments == nil || identity != nil,
            let draft = CaseDraft(captured, origin, identity: identity)
        else { throw Failure(.data, "the call has no canonical form, and cannot be a case") }
        try ResultWriter.makeFolder(folder)
        let done: Done
        if let (file, one) = try existing(captured.agent, identity, origin, in: folder) {
            done = try add(origin, to: file, one, of: captured.agent)
        } else {
            done = try write(draft, captured, in: folder)
        }
        let isKept = try keep(policy, of: captured.agent, origin)
        try link(done.id)
        let path = TerminalEscaping.shown(done.path)
        let words =
            switch done.change {
            case .draft:
                "draft `\(done.id)`: \(path)\n  help: interlock eval capture --confirm \(path) --expect VERDICT --by EMAIL"
            case .origin: "`\(done.id)` has this call: added record \(origin.leaf) to \(path)"
            case .none: "`\(done.id)` has record \(origin.leaf) already: \(path)"
            }
        return invocation.print(
            [
                "case": .string(done.id.text), "path": .string(done.path),
                "change": .string(done.change.rawValue), "policy": .string(origin.policy.prefixed),
                "policy_kept": .bool(isKept), "decision": .string(captured.verdict.description),
                "missing": .strings(captured.arguments == nil ? ["args"] : []),
            ], words)
    }

    /// The folder that `--out` names, or the one of this name in the agent's suite.
    func folder(of agent: AgentName, _ name: String) -> String {
        invocation["out"] ?? SuiteFolder(agent, in: input.root).path + "/" + name
    }

    func suite(of agent: AgentName) throws(Failure) -> Suite {
        try SuiteFolder(agent, in: input.root).read().suite
    }

    /// Keeps the policy that decided with the suite; if it cannot be kept, standard error says so.
    func keep(
        _ policy: [UInt8]?, of agent: AgentName, _ origin: CaseOrigin
    ) throws(Failure) -> Bool {
        if let policy, invocation["out"] == nil {
            let suite = SuiteFolder(agent, in: input.root)
            if try PolicyCopies(of: suite).keep(policy, as: origin.policy) { return true }
        }
        Output.error(
            "note: policy \(origin.policy.prefixed) is not kept with the case, so that the case cannot be run on it"
        )
        return false
    }

    /// - Throws: exit 66 if `--incident` is not an id.
    private func incident() throws(Failure) -> IncidentID? {
        guard let text = invocation["incident"] else { return nil }
        return try Invocation.parsed(
            text, "no id of an incident", help: "interlock incidents list"
        ) { IncidentID($0) }
    }

    /// Records the case at its incident. The case is written already, so the command can be run again.
    private func link(_ id: CaseID) throws(Failure) {
        guard let incident = try incident() else { return }
        _ = try invocation.gateway().post(
            "/v1/incidents/\(incident)/actions",
            [
                "reason": .string("an eval case was made: \(id.text)"), "case": .string(id.text),
            ])
    }

    private enum Change: String { case draft, origin, none }

    private struct Done {
        let id: CaseID
        let path: String
        let change: Change
    }

    /// The case of the folder with the same call, or with the same record.
    private func existing(
        _ agent: AgentName, _ identity: CanonicalCall?, _ origin: CaseOrigin, in folder: String
    ) throws(Failure) -> (CaseFile, EvalCase)? {
        let hashing = OpenSSLHashing()
        let names = try FileFailure.exits(.data, try File.names(in: folder))
        for name in names where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
            let file = try CaseFile(folder + "/" + name)
            guard let one = file.reading(of: agent).evalCase else {
                Output.error(
                    "note: `\(TerminalEscaping.shown(file.path))` is no case of `\(agent)`, and was not compared"
                )
                continue
            }
            if one.origins.contains(where: { $0.isSameRecord(as: origin) }) { return (file, one) }
            if let identity, CanonicalCall(of: one, agent: agent, hashing: hashing) == identity {
                return (file, one)
            }
        }
        return nil
    }

    private func add(
        _ origin: CaseOrigin, to file: CaseFile, _ one: EvalCase, of agent: AgentName
    ) throws(Failure) -> Done {
        guard !one.origins.contains(where: { $0.isSameRecord(as: origin) }) else {
            return Done(id: one.id, path: file.path, change: .none)
        }
        let (edited, read) = try file.edited(of: agent) { edit throws(CaseEdit.Refusal) in
            try edit.add(origin)
        }
        guard read.id == one.id, read.isDraft == one.isDraft, read.origins == one.origins + [origin]
        else {
            throw Failure(
                .data,
                "`\(TerminalEscaping.shown(file.path))` cannot be edited: add the origin by hand",
                help: origin.flow)
        }
        try edited.write()
        return Done(id: one.id, path: file.path, change: .origin)
    }

    private func write(
        _ draft: CaseDraft, _ captured: CapturedCall, in folder: String
    ) throws(Failure) -> Done {
        let file = CaseFile(folder + "/\(draft.id).yaml", draft.text)
        guard !File.exists(file.path) else {
            throw Failure(
                .cannotCreate, "`\(TerminalEscaping.shown(file.path))` exists, with another call",
                help: "rename it")
        }
        let read = try file.read(of: captured.agent, as: "the call cannot be stated as a case")
        guard read.isDraft, let policy = read.policyCase,
            policy.test.arguments == captured.arguments ?? [:], policy.call == captured.call
        else { throw Failure(.data, "the call cannot be stated as a case") }
        try file.write()
        return Done(id: draft.id, path: file.path, change: .draft)
    }
}
