import InterlockSafety

/// The form of `safety`, and of what a tool's entry says of classes of values (docs/specs/output-safety.md, sections 4
/// and 8).
extension PolicySchema {
    static let safety = Record("`safety`") {
        Field("classes", .record(raisedClasses), "The classes that this policy raises.")
        Field(
            "waivers", .list(.record(valueWaiver), unordered: true),
            "Values that tools take by their purpose.")
    }

    private static let raisedClasses = Record("`classes`") {
        SecretClassSet.waivable.classes.map {
            Field($0.rawValue, .record(consequences), "Values of class `\($0.rawValue)`.")
        }
    }

    private static let consequences = Record("a class of values") {
        Field(
            "arguments", .scalar(.word(["deny", "mark"])),
            "`deny`: no call is sent with one, also of a coding agent's own tools.")
        Field(
            "results", .scalar(.word(["replace", "mark"])),
            "`replace`: no agent gets one, also of a coding agent's own tools.")
    }

    private static let valueWaiver = Record("a value waiver") {
        Field("tool", .scalar(.name(.qualifiedTool)), "`server.tool`.", required: true)
        Field(
            "argument", .scalar(.fieldPath), "The argument that has the value, and all below it.",
            required: true)
        Field(
            "class", .scalar(.word(SecretClass.allCases.map(\.rawValue))),
            "The class; never `brokered` or `canary`.", required: true)
        Field("owner", .scalar(.person), "Who answers for it.", required: true)
        Field("until", .scalar(.date), "Its last day, at most 365 days ahead.", required: true)
        Field("reason", .scalar(.text), "Why the tool needs the value.", required: true)
    }

    /// Fields of a tool, by the classes that a policy may accept.
    static let acceptedValues = Record("`accepts`") { numbers }
    static let returnedValues = Record("`returns`") { numbers }

    private static let numbers = SecretClassSet.numbers.classes.map {
        Field($0.rawValue, fieldPaths, "The places of values of class `\($0.rawValue)`.")
    }
}
