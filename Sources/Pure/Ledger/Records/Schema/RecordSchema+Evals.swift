extension RecordSchema {
    static let evalResult = RecordSchema(
        .before, .outside,
        "A result of an agent's evals was verified. It counts in the change gate from here on.",
        [
            .required("agent", .name, "the agent"),
            .required("fp", .digest, "the fingerprint that it is about"),
            .required("digest", .digest, "of the suite"),
            .required("verdict", .oneOf(["pass", "fail", "invalid"]), "what it says"),
            .required(
                "kind", .oneOf(["declared", "attested", "measured"]),
                "how the fingerprint was established for it"),
            .optional("codes", .names, "the flags of the suite"),
            .required("until", .time, "when it ceases to count at the longest"),
            .required("by", .person, "the operator who submitted it"),
            .optional("code", .name, "`result.unkept`: it could not be kept, so it does not count"),
            .required("proof", .payload, "the signed result"),
        ])

    static let evalExcepted = RecordSchema(
        .before, .outside, "People let an agent work for a time without a result that counts.",
        [
            .required("agent", .name, "the agent"),
            .required("signers", .people, "who signed it"),
            .required("until", .time, "when it ends"),
            .required("by", .person, "the operator who submitted it"),
            .optional(
                "code", .name, "`exception.unkept`: it could not be kept, so it is not in force"),
            .required("proof", .payload, "the signed exception, with the reason"),
        ])

    static let evalAttested = RecordSchema(
        .before, .outside, "An attester stated what the holder of a token runs.",
        [
            .required("agent", .name, "the agent"),
            .required("jti", .name, "the id of the token"),
            .required("until", .time, "when the statement ends"),
            .required("by", .person, "the operator who submitted it"),
            .optional(
                "code", .name, "`manifest.unkept`: it could not be kept, so it does not count"),
            .required("proof", .payload, "the signed manifest"),
        ])

    static let evalRefused = RecordSchema(
        .after, .outside,
        "The change gate refused an agent; once an hour for one fingerprint and reason. Each call has `call.denied` too.",
        [
            .required("agent", .name, "the agent"),
            .required(
                "code",
                .oneOf([
                    "eval-missing", "eval-failed", "eval-stale", "eval-unsigned", "eval-thin",
                    "eval-unproven",
                ]), "the reason"),
            .required("pol", .digest, "the policy in force"),
            .required("ofrun", .id, "the run that was refused"),
            .optional("fp", .digest, "the agent's fingerprint; absent if the gateway knows none"),
            .optional("h", .digest, "the fingerprint of its latest result; absent without one"),
            .optional("codes", .names, "the parts in which the two differ"),
        ])
}
