// The checks of changes before they are merged (docs/specs/coding-agents.md, sections 12 and 13).
extension RecordSchema {
    static let mergeChecked = RecordSchema(
        .before, .outside,
        "Commits were checked before a merge; durable before the answer is printed.",
        [
            .required("verdict", .oneOf(["pass", "refused", "unknown", "pending"]), "the answer"),
            .required("head", .name, "the head commit"),
            .required("since", .name, "the commit that the range begins after"),
            .optional("by", .person, "who merges; absent without a review, or if no person does"),
            .required("cnt", .count, "commits"),
            .required("files", .count, "changed files"),
            .required("agents", .count, "commits of which an agent wrote something"),
            .required("gate", .count, "changed files that decide how changes are checked"),
            .required("approvals", .count, "approvals in the review"),
            .required("codes", .names, "the codes of what was found, each once"),
            .required("findings", .payload, "the first findings, as `--json` prints them"),
            .optional(
                "change", .payload,
                "the change, its reviews by pseudonym, and its size; absent if the review names none"
            ),
        ])
}
