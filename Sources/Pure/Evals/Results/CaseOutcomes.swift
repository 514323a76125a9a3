import InterlockJSON
package import InterlockModel

/// The outcome of each case of a run, the file that a result names by `cases_sha256` (docs/specs/evals.md, section 8). It
/// quotes nothing that agents and tools wrote.
///
/// ```json
/// {"agent":"refunds","cases":[{"class":"refuse","gate":"safety","id":"refund-over-cap","kind":"policy","passes":1,
///   "trials":1}],"v":1}
/// ```
package struct CaseOutcomes: Sendable, Hashable {
    package let agent: AgentName
    /// The outcomes by id, each once.
    package let cases: [CaseOutcome]

    /// The maximum size of the file in bytes: 10,000 cases.
    package static let largest = 4 << 20

    package init(agent: AgentName, cases: [CaseOutcome]) {
        self.agent = agent
        self.cases = cases.sorted { $0.id < $1.id }
    }

    /// The RFC 8785 bytes of the file.
    package func canonical() throws(FormError) -> [UInt8] {
        let value: JSONValue = [
            "agent": .string(agent.text), "cases": .array(cases.map(Self.json)), "v": 1,
        ]
        do { return try value.canonical() } catch { throw .json(error) }
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: Self.largest),
            required: ["agent", "cases", "v"])
        try fields.expectVersion1()
        agent = try fields.made("agent", "the name of an agent", AgentName.init)
        var cases: [CaseOutcome] = []
        for element in try fields.array("cases", count: 1...EvalLimits.cases) {
            let outcome = try Self.outcome(element)
            if let last = cases.last, !(last.id < outcome.id) {
                throw fields.bad("cases", "sorted by distinct ids")
            }
            cases.append(outcome)
        }
        self.cases = cases
    }

    /// True for each case of which all trials passed, as a baseline has it.
    package var passed: [CaseID: Bool] {
        var passed: [CaseID: Bool] = [:]
        for one in cases { passed[one.id] = one.passed }
        return passed
    }

    private static func json(_ outcome: CaseOutcome) -> JSONValue {
        [
            "class": .string(outcome.caseClass.rawValue), "gate": .string(outcome.gate.rawValue),
            "id": .string(outcome.id.text), "kind": .string(outcome.kind.rawValue),
            "passes": .integer(Int64(outcome.passes)), "trials": .integer(Int64(outcome.trials)),
        ]
    }

    private static func outcome(_ value: JSONValue) throws(FormError) -> CaseOutcome {
        let fields = try StrictFields(
            value, at: "cases", required: ["class", "gate", "id", "kind", "passes", "trials"])
        let most = Int64(EvalLimits.trials.upperBound)
        let trials = try fields.integer("trials", in: 1...most)
        let outcome = CaseOutcome(
            id: try fields.made("id", "the id of a case", CaseID.init),
            kind: try fields.made("kind", "`policy` or `agent`", CaseKind.init(rawValue:)),
            caseClass: try fields.made("class", "a class of cases", CaseClass.init(rawValue:)),
            gate: try fields.made("gate", "`safety` or `utility`", GateKind.init(rawValue:)),
            trials: Int(trials), passes: Int(try fields.integer("passes", in: 0...trials)))
        guard let outcome else { throw fields.bad("passes", "at most the trials") }
        return outcome
    }
}
