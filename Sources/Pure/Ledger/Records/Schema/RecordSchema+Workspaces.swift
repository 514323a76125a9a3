// The reviews of what sandboxed runs changed (docs/specs/sandbox.md, section 12). They follow the end of the run, so they
// are not in its chain.
extension RecordSchema {
    static let runDiff = RecordSchema(
        .before, .outside, "What a run changed in its workspace; durable before it is shown.",
        workspace + changes + [
            .required("flg", .count, "changes with a flag"),
            .optional("by", .person, "who reads them, if a person does on a page"),
        ])

    static let runExport = RecordSchema(
        .before, .outside,
        "Commits of a run leave its workspace as a patch or a bundle; durable before the first byte.",
        workspace + [
            .required("fmt", .oneOf(["patch", "bundle"]), "the form"),
            .required("size", .count, "bytes"),
            .required("sum", .digest, "SHA-256 of them"),
        ])

    static let applyApproved = RecordSchema(
        .before, .outside, "A person approves flagged changes of a run; nothing is applied yet.",
        workspace + [
            .required("base", .digest, "SHA-256 of the list of the project's entries at the start"),
            .required("cnt", .count, "the approved changes, each with a flag"),
            .required("sum", .digest, "SHA-256 of the JSON list of them"),
            .required("flags", .names, "their flags"),
            .required("until", .time, "when the approval ends"),
            .required("by", .person, "who signed"),
            .required("req", .id, "the order"),
            .required("order", .payload, "what that person signed"),
        ])

    static let applyDecision = RecordSchema(
        .before, .outside,
        "Changes of a run come to the project; durable before the first of them is made.",
        workspace + changes + [
            .required("flags", .names, "the flags that were approved by name"),
            .optional("flg", .count, "changes with a flag; absent for none"),
            .optional("by", .people, "who approved these, each by a signed order"),
            .optional("orders", .names, "the orders"),
            .optional("reason", .payload, "the reason given"),
        ])

    static let discard = RecordSchema(
        .before, .outside, "The changes of a run are removed; the project has none of them.",
        workspace + [.optional("reason", .payload, "the reason given")])

    private static let workspace: [RecordField] = [
        .required("ofrun", .id, "the run, which has ended"),
        .required("agent", .name, "the agent of the run"),
    ]

    private static let changes: [RecordField] = [
        .required("base", .digest, "SHA-256 of the list of the project's entries at the start"),
        .required("cnt", .count, "changes"),
        .required(
            "sum", .digest,
            "SHA-256 of the JSON list of them, each in the form of `interlock workspace diff --json`"
        ),
        .required("changes", .payload, "the first of them, as such a list"),
    ]
}
