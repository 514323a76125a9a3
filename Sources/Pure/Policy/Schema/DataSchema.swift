/// The form of the obligations on a call's data, and of what a tool's arguments may have (docs/specs/policy.md,
/// section 3; docs/specs/output-safety.md, section 3).
extension PolicySchema {
    static let data = Record("`data`") {
        Field("keep", fieldPaths, "Only these fields of the result.")
        Field("drop", fieldPaths, "Not these fields of the result.")
        Field(
            "mask", .map(.field, .scalar(.word(["redact", "last4", "domain_only"]))),
            "Fields that are shown in part.")
        Field(
            "max_bytes", .scalar(.byteCount),
            "The size of a result at most; 1 MiB if nothing states it.")
        Field(
            "overflow", .scalar(.word(ResultOverflow.allCases.map(\.rawValue))),
            "What happens to a longer result; only texts of reads are cut (default: `withhold`).")
        Field("arguments", .record(arguments), "What is taken out of the arguments.")
    }

    private static let arguments = Record("`arguments`") {
        Field("drop", fieldPaths, "Fields that never leave.", required: true)
    }

    /// A key of a tool.
    static let allowExtra = Field(
        "allow_extra", .scalar(.bool),
        "Whether arguments may have members that the reviewed schema does not name (default: no).")
}
