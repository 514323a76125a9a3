// The governance reviews of agents and of the organisation (docs/specs/trust-and-review.md, sections 7 to 9).
extension RecordSchema {
    static let reviewScheduled = RecordSchema(
        .after, .outside,
        "Agents, or the organisation, are reviewed from here on: they are new, or this version is the first that knows reviews.",
        [
            .optional("agent", .name, "the agent; absent if it is the organisation, or several"),
            .required("cnt", .count, "how many"),
            .required("due", .time, "when the first of these reviews is due"),
        ])

    static let reviewStarted = RecordSchema(
        .before, .outside,
        "A review began. Checkpoint and random bytes are the seed of its sample, which anybody with the log can draw again.",
        [
            .required("rvw", .id, "its own"), .optional("agent", .name, scope),
            .required("from", .time, "the start of the period"),
            .required("to", .time, "the end of the period, which is outside"),
            .required("size", .count, "the records of the checkpoint"),
            .required("h", .digest, "the root of the checkpoint"),
            .required("rand", .digest, "32 random bytes"),
            .required("cnt", .count, "the records in the sample"),
            .required("digest", .digest, "of the sample"),
            .required("pol", .digest, "the policy that it was started under"),
            .required("by", .person, "who started it"),
            .required(
                "setup", .payload,
                "the agents with tier and stage, and the tools that send data out, by which it was drawn"
            ),
        ])

    static let reviewMarked = RecordSchema(
        .before, .outside,
        "A reviewer read one record of a sample. The last mark of a record counts.",
        [
            .required("rvw", .id, "the review"), .optional("agent", .name, scope),
            .required("h", .digest, "the record that was read"),
            .required(
                "as", .oneOf(["ok", "finding", "unclear", "erased"]),
                "what the reviewer found; `erased`: its payload is gone"),
            .optional("sev", .count, "of a finding: 1, the worst, to 3"),
            .required("date", .time, "when the record was opened"),
            .required("by", .person, "the reviewer"),
            .optional("note", .payload, "the note of the reviewer"),
        ])

    static let reviewSigned = RecordSchema(
        .before, .outside, "Reviewers signed a review. Durable before it lifts what was overdue.",
        [
            .required("rvw", .id, "the review"), .optional("agent", .name, scope),
            .required("from", .time, "the start of the period"),
            .required("to", .time, "the end of the period, which is outside"),
            .required("date", .time, "the date of the document"),
            .required("due", .time, "when the next review is due"),
            .required("digest", .digest, "of the sample"),
            .required("h", .digest, "of the marks"),
            .required("pol", .digest, "the policy that it was signed under"),
            .required("cnt", .count, "its findings"),
            .required("signers", .people, "the reviewers"),
            .required("by", .person, "the operator who submitted it"),
            .optional(
                "code", .name, "`review.unkept`: it could not be kept, so it does not count"),
            .required("proof", .payload, "the signed review, with its findings"),
        ])

    static let reviewDiscarded = RecordSchema(
        .before, .outside,
        "A review document that people had signed waits no more, and its signatures count for nothing. The review stays open, unless another one takes its place.",
        [
            .required("rvw", .id, "the review"), .optional("agent", .name, scope),
            .required("date", .time, "the date of the document"),
            .required("h", .digest, "of the document that was signed"),
            .required("signers", .people, "the reviewers who had signed it"),
            .required(
                "by", .person,
                "who discarded it, or put another document or review in its place"),
            .optional(
                "code", .name, "`discard.unkept`: it could not be dropped, so it still waits"),
            .required("proof", .payload, "the document with its signatures"),
        ])

    static let reviewPostponed = RecordSchema(
        .before, .outside,
        "Two people postponed one review, once, by at most 14 days. This is an exception, and the next review lists it.",
        [
            .optional("agent", .name, scope),
            .required("due", .time, "when it was due until here"),
            .required("until", .time, "when it is due from here on"),
            .required("signers", .people, "who decided"),
            .required("by", .person, "the operator who submitted it"),
            .optional(
                "code", .name, "`postponement.unkept`: it could not be kept, so it does not count"),
            .required("proof", .payload, "the signed postponement, with its reason"),
        ])

    static let reviewOverdue = RecordSchema(
        .after, .outside,
        "A review, or a finding of one, is due and not done. 14 days later the agent is demoted and may only read.",
        [
            .optional("agent", .name, scope), .required("due", .time, "when it was due"),
            .optional("rvw", .id, "the review of the finding; absent if the review is overdue"),
            .optional("n", .count, "the number of the finding in its review"),
        ])

    private static let scope = "the agent; absent for the organisation"
}
