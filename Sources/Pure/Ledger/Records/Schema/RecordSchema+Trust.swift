// The autonomy that agents were given and lost (docs/specs/trust-and-review.md, sections 5 and 6).
extension RecordSchema {
    static let trustPromoted = RecordSchema(
        .before, .outside,
        "People gave an agent more autonomy, or attested what it has for another time. Durable before the stage changes.",
        [
            .required("agent", .name, "the agent"),
            .required("from", .oneOf(stages), "its stage until here"),
            .required("to", .oneOf(stages), "its stage from here on; the same for an attestation"),
            .required("date", .time, "the date of the document, from which its length counts"),
            .required("until", .time, "when it ends unless people attest it again"),
            .required("signers", .people, "who decided"),
            .required("fp", .digest, "the fingerprint that was promoted"),
            .required("pol", .digest, "the policy that it was decided under"),
            .required("h", .digest, "the snapshot of the evidence"),
            .required("digest", .digest, "of the criteria"),
            .required("by", .person, "the operator who submitted it"),
            .optional(
                "code", .name, "`promotion.unkept`: it could not be kept, so it does not count"),
            .required("proof", .payload, "the signed promotion, with the names and the rationale"),
        ])

    static let trustDemoted = RecordSchema(
        .after, .outside, "An agent lost autonomy. It acts before it is on record, like a halt.",
        [
            .required("agent", .name, "the agent"),
            .required("from", .oneOf(stages), "the stage that it had earned until here"),
            .required("to", .oneOf(stages), "its stage from here on"),
            .required(
                "code",
                .oneOf([
                    "canary", "brokered-value", "incident-1", "incident-2", "kill", "denials",
                    "eval-regression", "owner-left", "review-overdue", "drill-overdue", "expired",
                ]), "the trigger"),
            .required("until", .time, "when the cool-down ends"),
            .optional("h", .digest, "the record that caused it; absent if none did"),
        ])

    static let trustDelegated = RecordSchema(
        .before, .outside, "The owner of an agent set a ceiling on its stage.",
        [
            .required("agent", .name, "the agent"),
            .required("to", .oneOf(stages), "the highest stage that the owner permits"),
            .required("signers", .people, "the owner"),
            .required("by", .person, "the operator who submitted it"),
            .optional(
                "code", .name, "`delegation.unkept`: it could not be kept, so it does not count"),
            .required("proof", .payload, "the signed ceiling"),
        ])

    static let trustExcepted = RecordSchema(
        .before, .outside,
        "Two people gave an agent one more stage for a time, without a promotion. Durable before the stage changes.",
        [
            .required("agent", .name, "the agent"),
            .required("from", .oneOf(stages), "the stage that it had earned"),
            .required("to", .oneOf(stages), "the stage after it"),
            .required("date", .time, "the date of the document"),
            .required("until", .time, "when it ends, unless a demotion ends it before"),
            .required("signers", .people, "who decided"),
            .required("pol", .digest, "the policy that it was decided under"),
            .required("by", .person, "the operator who submitted it"),
            .optional(
                "code", .name, "`exception.unkept`: it could not be kept, so it does not count"),
            .required("proof", .payload, "the signed exception, with the names and the reason"),
        ])

    static let ownerConfirmed = RecordSchema(
        .before, .outside,
        "The owner of an agent confirmed that the person still owns it. A promotion needs one that is not old.",
        [
            .required("agent", .name, "the agent"),
            .required("signers", .people, "the owner"),
            .required("by", .person, "the operator who submitted it"),
            .required("proof", .payload, "the signed confirmation"),
        ])

    private static let stages = ["gated", "assisted", "bounded", "full"]
}
