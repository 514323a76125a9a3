extension RecordSchema {
    static let selfTestResult = RecordSchema(
        .after, .outside,
        "The deployment tested itself: forbidden calls of a canary, and how it is set up.",
        [
            .required("req", .id, "the self-test"),
            .required("passed", .flag, "whether each act had the expected answer"),
            .required("pol", .digest, "the policy in force"),
            .required("cnt", .count, "acts and checks that passed"),
            .required("codes", .names, "the ids of those that did not"),
            .optional("by", .person, "the operator who started it; absent if it was due"),
            .required("proof", .payload, "the report, with the result of each act and check"),
        ])
}
