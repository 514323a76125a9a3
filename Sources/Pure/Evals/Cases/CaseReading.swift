package import InterlockModel
package import InterlockPolicy

/// Reads the file of a case. Whatever does not fit is a finding with its place, and a file with an error gives no case.
///
/// INVARIANT: nothing in a file is accepted and ignored. Kept by `CaseReadingTests`, `Fuzz/Evals`.
package struct CaseReading: Sendable {
    package let evalCase: EvalCase?
    package let findings: [Finding]

    /// - Parameter agent: the agent of the suite.
    package init(_ file: ParsedEvalFile, of agent: AgentName) {
        var reader = CaseReader(file: file.path, agent: agent)
        reader.findings.add(contentsOf: file.findings)
        let read = reader.read(file)
        findings = reader.findings.all
        evalCase = reader.findings.hasErrors ? nil : read
    }
}

struct CaseReader {
    let file: String
    let agent: AgentName
    var findings = Findings()

    init(file: String, agent: AgentName) {
        self.file = file
        self.agent = agent
    }

    mutating func read(_ file: ParsedEvalFile) -> EvalCase? {
        guard file.byteCount <= EvalLimits.caseBytes else {
            let start = PolicyLocation(file: file.path, line: 1, column: 1)
            return refuse(.tooLarge, start, "", "the case has more than 64 KiB")
        }
        guard let root = file.root else { return nil }
        // The kind decides which keys there are; a file without one is read as the commoner kind, and refused.
        let isAgent = Self.kind(of: root) == CaseKind.agent.rawValue
        var typing = Typing(file: file.path)
        let value = typing.type(
            root, as: .record(isAgent ? CaseSchema.agent : CaseSchema.policy), path: "",
            label: "case")
        findings.add(contentsOf: typing.findings.all.map { isAgent ? Self.placed($0) : $0 })
        guard let value, !findings.hasErrors else { return nil }
        return evalCase(value, isAgent: isAgent)
    }

    /// The finding, with the place of a key of `expect` that is written at the top level.
    private static func placed(_ finding: Finding) -> Finding {
        guard finding.code == .unknownKey, CaseSchema.expectKeys.contains(finding.path) else {
            return finding
        }
        return Finding(
            finding.code, at: finding.place, path: finding.path, finding.message,
            help: "it is a key of `expect`: indent it below that")
    }

    private static func kind(of root: YAMLNode) -> String? {
        guard case .mapping(let entries) = root.content,
            let entry = entries.first(where: { $0.key == "kind" }),
            case .scalar(let scalar) = entry.value.content
        else { return nil }
        return scalar.text
    }

    private mutating func evalCase(_ value: TypedValue, isAgent: Bool) -> EvalCase? {
        if let stated = value["agent"], stated.text != agent.text {
            return refuse(
                .noSuchName, stated.place, stated.path,
                "agent: a case of this suite is about `\(agent.text)`")
        }
        guard let id = caseID(value["id"]),
            let caseClass = value["class"]?.text.flatMap(CaseClass.init(rawValue:))
        else { return nil }
        let gate = value["gate"]?.text.flatMap(GateKind.init(rawValue:)) ?? caseClass.gate
        let body: EvalCase.Body?
        if isAgent {
            body = agentCase(value).map(EvalCase.Body.agent)
        } else {
            body = policyCase(value, id, caseClass).map(EvalCase.Body.policy)
        }
        let reviews = (value["reviewed"]?.items ?? []).compactMap { item -> CaseReview? in
            guard let by = item["by"]?.person, let on = item["on"]?.date else { return nil }
            return CaseReview(by: by, on: on)
        }
        var origins: [CaseOrigin] = []
        for item in value["origin"]?.items ?? [] {
            guard let origin = origin(item) else { return nil }
            origins.append(origin)
        }
        var regressionOf: Digest?
        if let stated = value["regression_of"] {
            regressionOf = digest(stated)
            guard regressionOf != nil else { return nil }
        }
        if let stated = value["template"], let text = stated.text, !isLowerName(text) {
            return refuse(
                .malformedName, stated.place, stated.path,
                "template: `\(text)` is not lower-case letters, digits and hyphens, at most 63")
        }
        let isDraft = value["draft"]?.flag ?? false
        if !isDraft, let missing = value["missing"] {
            return refuse(
                .wrongShape, missing.place, missing.path,
                "missing: a case without its arguments or its request is a draft; state them, and remove `missing`"
            )
        }
        let own = isAgent ? "request" : "args"
        if let missing = value["missing"], missing.items.contains(where: { $0.text != own }) {
            return refuse(
                .wrongType, missing.place, missing.path,
                "missing: of a case of this kind only `\(own)` can be missing")
        }
        if isDraft, let reviewed = value["reviewed"] {
            return refuse(
                .wrongShape, reviewed.place, reviewed.path,
                "reviewed: a draft has no reviewer; remove `draft` after the review")
        }
        guard let body else { return nil }
        return EvalCase(
            id: id, caseClass: caseClass, gate: gate, reviews: reviews, isDraft: isDraft,
            template: value["template"]?.text, origins: origins, regressionOf: regressionOf,
            body: body, place: value.place)
    }

    private mutating func caseID(_ value: TypedValue?) -> CaseID? {
        guard let value, let text = value.text else { return nil }
        return CaseID(text)
            ?? refuse(
                .malformedName, value.place, value.path,
                "id: `\(text)` is not lower-case letters, digits and hyphens, at most 63")
    }

    private mutating func policyCase(
        _ value: TypedValue, _ id: CaseID, _ caseClass: CaseClass
    ) -> PolicyCase? {
        func member(_ key: String, _ text: String) -> TypedValue.Member {
            TypedValue.Member(
                key: key, keyPlace: value.place,
                value: TypedValue(kind: .text(text), place: value.place, path: key))
        }
        let members =
            value.members.filter { $0.key != "agent" }
            + [member("agent", agent.text), member("name", id.text)]
        let written = TypedValue(kind: .record(members), place: value.place, path: id.text)
        guard let test = TestSpec(written), let named = value["call"], let call = tool(named)
        else { return nil }
        switch (caseClass, test.expect) {
        case (.refuse, .allow), (.allow, .deny):
            return refuse(
                .wrongType, value["expect"]?.place ?? value.place, "expect",
                "expect: a case of class `\(caseClass.rawValue)` cannot expect `\(test.expect)`")
        default: break
        }
        guard let mutations = mutations(value["mutate"], caseClass) else { return nil }
        return PolicyCase(test: test, call: call, mutations: mutations)
    }

    private mutating func mutations(
        _ value: TypedValue?, _ caseClass: CaseClass
    ) -> [MutationKind]? {
        guard let value else {
            return caseClass == .refuse || caseClass == .adversarial ? MutationKind.allCases : []
        }
        let words = value.items.compactMap(\.text)
        if words == ["all"] { return MutationKind.allCases }
        if words == ["none"] { return [] }
        guard !words.isEmpty, !words.contains("all"), !words.contains("none") else {
            return refuse(
                .wrongShape, value.place, value.path,
                "mutate: `all`, `none` or a list of kinds")
        }
        return MutationKind.allCases.filter { words.contains($0.rawValue) }
    }

    private mutating func origin(_ value: TypedValue) -> CaseOrigin? {
        guard let log = value["log"]?.text, let leaf = value["leaf"]?.integer,
            let captured = value["captured"]?.instant, let by = value["captured_by"]?.person,
            let policy = value["policy"].flatMap({ digest($0) })
        else { return nil }
        return CaseOrigin(
            log: log, leaf: leaf, run: value["run"]?.text, captured: captured, capturedBy: by,
            policy: policy)
    }

    private mutating func digest(_ value: TypedValue) -> Digest? {
        guard let text = value.text else { return nil }
        return Digest(prefixed: text)
            ?? refuse(
                .wrongType, value.place, value.path,
                "`\(text)` is no digest: `sha256:` and 64 lower-case hexadecimal digits")
    }

    /// Reads the name of a tool with its server.
    mutating func tool(_ value: TypedValue) -> ToolAddress? {
        guard let text = value.text else { return nil }
        return ToolAddress(ofCase: text)
            ?? refuse(
                .malformedName, value.place, value.path,
                "`\(text)`: a case names a tool as `server.tool`")
    }

    mutating func refuse<Value>(
        _ code: FindingCode, _ place: PolicyLocation, _ path: String, _ message: String
    ) -> Value? {
        findings.add(code, at: place, path: path, message)
        return nil
    }
}
