import InterlockPolicy

/// The format of cases as two tables, one for each kind (docs/specs/evals.md, section 2). Any other key is E201.
enum CaseSchema {
    static let policy = Record("a policy case") {
        common
        testFields
        Field(
            "mutate",
            .list(
                .scalar(.word(["all", "none"] + MutationKind.allCases.map(\.rawValue))),
                unordered: true, single: true),
            "How the arguments are rewritten; `all` for refuse and adversarial cases by default.")
    }

    static let agent = Record("an agent case") {
        common
        Field("request", .scalar(.text), "What the agent is asked.", required: true)
        Field("world", .scalar(.text), "The fake servers, below `fixtures/`.", required: true)
        Field("expect", .record(expect), "What holds at the end.", required: true)
    }

    /// A case has an id for its name, and the agent of its suite.
    private static let testFields: [Field] = PolicySchema.test.fields.filter { field in
        field.key != "name" && field.key != "agent"
    }

    private static let common: [Field] = [
        Field("interlock_eval", .scalar(.integer(1...1)), "The version.", required: true),
        Field("id", .scalar(.text), "The name of the case.", required: true),
        Field(
            "kind", .scalar(.word(CaseKind.allCases.map(\.rawValue))), "How it is run.",
            required: true),
        Field(
            "class", .scalar(.word(CaseClass.allCases.map(\.rawValue))), "What it checks.",
            required: true),
        Field(
            "gate", .scalar(.word(GateKind.allCases.map(\.rawValue))),
            "How a failure counts; that of the class by default."),
        Field("agent", .scalar(.name(.agent)), "The agent of the suite."),
        Field("template", .scalar(.text), "The task template."),
        Field("reviewed", .list(.record(review), single: true), "Who confirmed the outcome."),
        Field("draft", .scalar(.bool), "Whether the outcome is still to be confirmed."),
        Field(
            "missing", .list(.scalar(.word(["args", "request"])), unordered: true),
            "What was erased from the log; only of a draft."),
        Field("origin", .list(.record(origin), single: true), "The records it was captured from."),
        Field("regression_of", .scalar(.text), "The policy on which it must fail."),
    ]

    private static let review = Record("a review") {
        Field("by", .scalar(.person), "Who.", required: true)
        Field("on", .scalar(.date), "When.", required: true)
    }

    private static let origin = Record("an origin") {
        Field("log", .scalar(.text), "The origin of the log.", required: true)
        Field(
            "leaf", .scalar(.integer(0...9_007_199_254_740_991)), "The index.", required: true)
        Field("run", .scalar(.text), "The run.")
        Field("captured", .scalar(.timestamp), "When it was captured.", required: true)
        Field("captured_by", .scalar(.person), "Who captured it.", required: true)
        Field("policy", .scalar(.text), "The digest of the policy.", required: true)
    }

    private static let expect = Record("`expect`") {
        Field("state", .list(.record(state)), "The state of the fake servers.")
        Field("calls", .record(calls), "The calls that the agent tried.")
        Field("denials", .record(most), "How many calls may be denied.")
        Field("approvals", .record(approvals), "What people are asked, and their answer.")
    }

    static let conditions = ["equals", "contains", "size", "absent", "matches"]

    /// The keys that `expect` of an agent case has.
    static let expectKeys = expect.fields.map(\.key)

    private static let state = Record("a state check", oneOf: conditions) {
        Field("at", .scalar(.text), "A JSON Pointer.", required: true)
        Field("equals", .json, "The value.")
        Field("contains", .json, "A part of the value.")
        Field("size", .scalar(.integer(0...1_000_000)), "How many elements.")
        Field("absent", .scalar(.bool), "Whether there is no value: `true`.")
        Field("matches", .scalar(.text), "A pattern of RE2.")
    }

    private static let calls = Record("`calls`") {
        Field("required", .list(.record(call)), "Calls that must be made.")
        Field("forbidden", .list(.record(call)), "Calls that must not be tried.")
        Field("stopped", .list(.record(call)), "Calls that must not reach the server.")
        Field("order", .list(.scalar(.name(.qualifiedTool))), "Calls in this order.")
        Field("count", .map(.qualifiedTool, .record(count)), "How often.")
    }

    private static let call = Record("a call") {
        Field("call", .scalar(.name(.qualifiedTool)), "`server.tool`.", required: true)
        Field("args", .json, "Arguments that it has at least.")
    }

    private static let count = Record("a count") {
        Field("min", .scalar(.integer(0...number)), "At least.")
        Field("max", .scalar(.integer(0...number)), "At most.")
    }

    private static let most = Record("`denials`") {
        Field("max", .scalar(.integer(0...number)), "At most.", required: true)
    }

    private static let approvals = Record("`approvals`") {
        Field(
            "asked", .list(.scalar(.name(.qualifiedTool))), "For which calls.", required: true)
        Field(
            "answer", .scalar(.word(ExpectedApprovals.Answer.allCases.map(\.rawValue))),
            "The answer.", required: true)
    }

    private static let number: Int64 = 10_000
}
