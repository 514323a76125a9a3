package import InterlockModel
package import InterlockPolicy

/// Reads a suite and its cases. A suite with an error in any of its files is refused whole, since its counts would mean
/// something else.
package struct SuiteReading: Sendable {
    /// The suite, or nil if any finding is an error.
    package let suite: Suite?
    /// The agent that `suite.yaml` names, also if the suite is refused; nil if that cannot be read.
    package let agent: AgentName?
    package let findings: [Finding]

    package init(_ file: ParsedEvalFile, cases files: [ParsedEvalFile]) {
        var reader = SuiteReader(file: file.path)
        reader.findings.add(contentsOf: file.findings)
        let read = reader.read(file, files)
        agent = reader.agent
        findings = reader.findings.all
        suite = reader.findings.hasErrors ? nil : read
    }
}

private struct SuiteReader {
    let file: String
    var agent: AgentName?
    var findings = Findings()

    init(file: String) { self.file = file }

    mutating func read(_ file: ParsedEvalFile, _ files: [ParsedEvalFile]) -> Suite? {
        guard let root = file.root else { return nil }
        var typing = Typing(file: file.path)
        let value = typing.type(root, as: .record(SuiteSchema.suite), path: "", label: "suite")
        findings.add(contentsOf: typing.findings.all)
        guard let value, let agent = value["agent"]?.text.flatMap(AgentName.init) else {
            return nil
        }
        self.agent = agent
        let cases = cases(files, of: agent, at: value.place)
        guard !findings.hasErrors, let owner = value["owner"]?.person else { return nil }
        let command = command(value["command"], for: cases, at: value.place)
        let flaky = flaky(value["flaky"], among: cases)
        guard let margin = fraction(value["margin"], "0.10", most: 5_000),
            let floor = fraction(value["floor"], "0.75", most: 10_000),
            let baseline = baseline(value["baseline"])
        else { return nil }
        return Suite(
            agent: agent, owner: owner, baseline: baseline, margin: margin, floor: floor,
            maxAge: value["max_age"]?.seconds.map { Duration.seconds($0) },
            trials: value["trials"]?.integer.map { Int($0) }, command: command, flaky: flaky,
            cases: cases, place: value.place)
    }

    /// Reads all cases, so that each problem is reported.
    private mutating func cases(
        _ files: [ParsedEvalFile], of agent: AgentName, at place: PolicyLocation
    ) -> [EvalCase] {
        guard files.count <= EvalLimits.cases else {
            findings.add(.tooLarge, at: place, "the suite has more than 10,000 cases")
            return []
        }
        var first: [CaseID: PolicyLocation] = [:]
        var cases: [EvalCase] = []
        for file in files {
            let reading = CaseReading(file, of: agent)
            findings.add(contentsOf: reading.findings)
            guard let one = reading.evalCase else { continue }
            if let other = first[one.id] {
                findings.add(
                    .duplicateName, at: one.place, path: one.id.text,
                    "duplicate case `\(one.id)`, first defined at \(other)")
                continue
            }
            first[one.id] = one.place
            cases.append(one)
        }
        if files.isEmpty {
            findings.add(
                .missingKey, at: place, "the suite has no case",
                help: "put cases into `cases/` beside `suite.yaml`, one in each file")
        }
        return cases.sorted { $0.id < $1.id }
    }

    private mutating func command(
        _ value: TypedValue?, for cases: [EvalCase], at place: PolicyLocation
    ) -> [String] {
        let words = (value?.items ?? []).compactMap(\.text)
        if let value {
            if words.first?.isEmpty != false || words.contains(where: { $0.utf8.contains(0) }) {
                findings.add(
                    .wrongShape, at: value.place, path: value.path,
                    "command: expected a program and its arguments")
            }
        } else if let one = cases.first(where: { $0.kind == .agent }) {
            findings.add(
                .missingKey, at: place, path: "command",
                "`command` is missing, which the agent case `\(one.id)` needs")
        }
        return words
    }

    private mutating func flaky(_ value: TypedValue?, among cases: [EvalCase]) -> [FlakyEntry] {
        guard let value else { return [] }
        guard value.items.count * EvalLimits.casesForEachFlaky <= cases.count else {
            findings.add(
                .outOfRange, at: value.place, path: value.path,
                "flaky: \(value.items.count) of \(cases.count) cases are more than one in ten")
            return []
        }
        let byID = Dictionary(cases.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
        var known: Set<CaseID> = []
        var entries: [FlakyEntry] = []
        for item in value.items {
            guard let name = item["case"], let text = name.text, let owner = item["owner"]?.person,
                let reason = item["reason"]?.text, let expires = item["expires"]?.date
            else { continue }
            guard let one = CaseID(text).flatMap({ byID[$0] }) else {
                findings.add(
                    .noSuchName, at: name.place, path: name.path,
                    "case: the suite has no case `\(text)`",
                    help: Self.hint(text, among: cases))
                continue
            }
            if one.gate == .safety || one.kind == .policy {
                findings.add(
                    .wrongType, at: name.place, path: name.path,
                    "case: `\(text)` is a \(one.gate.rawValue) case of kind `\(one.kind.rawValue)`",
                    help: "only utility cases of kind `agent` can be flaky")
                continue
            }
            guard known.insert(one.id).inserted else {
                findings.add(
                    .duplicateName, at: name.place, path: name.path,
                    "case: `\(text)` is listed twice")
                continue
            }
            entries.append(
                FlakyEntry(
                    id: one.id, owner: owner, reason: reason, expires: expires, place: item.place))
        }
        return entries
    }

    /// No name is looked for among the cases of a huge suite, for each of many entries.
    private static func hint(_ text: String, among cases: [EvalCase]) -> String? {
        cases.count <= 1000 ? didYouMean(text, among: cases.map(\.id.text)) : nil
    }

    private mutating func fraction(
        _ value: TypedValue?, _ standard: String, most: Int
    ) -> Fraction? {
        guard let value, let text = value.text else { return Fraction(standard) }
        guard let read = Fraction(text), read.tenThousandths <= most else {
            let bound = most == 10_000 ? "1" : "0.5"
            findings.add(
                .outOfRange, at: value.place, path: value.path,
                "\(value.path): `\(text)` is not a number from 0 to \(bound) with at most four digits"
            )
            return nil
        }
        return read
    }

    private mutating func baseline(_ value: TypedValue?) -> Suite.Baseline? {
        guard let value, let text = value.text else { return .lastPass }
        switch text {
        case "last-pass": return .lastPass
        case "none": return .floorOnly
        default:
            if let digest = Digest(prefixed: text) { return .result(digest) }
            findings.add(
                .wrongType, at: value.place, path: value.path,
                "baseline: `\(text)` is not `last-pass`, `none` or the digest of a result",
                help: didYouMean(text, among: ["last-pass", "none"]))
            return nil
        }
    }
}
