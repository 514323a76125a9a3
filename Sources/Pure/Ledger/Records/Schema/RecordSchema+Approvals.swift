extension RecordSchema {
    static let approvalRequested = RecordSchema(
        .before, .inRun, "People are asked about a call.",
        request + [
            .optional("intent", .digest, "leaf hash of the call's intent; a probe has none"),
            .required("group", .name, "who is asked"),
            .required("need", .count, "people who must agree"),
            .required("exp", .time, "when it runs out"),
            .required("rev", .count, "revision of what is shown"),
            .optional("uses", .count, "how many calls may use the approval; absent for one"),
            .required("bind", .payload, "exactly what is shown"),
            .optional("floor", .microseconds, "the least time in which that can be read"),
        ])

    static let approvalGranted = RecordSchema(
        .before, .either,
        "One person agrees, or `via` `client` the word of an MCP client is taken for it; outside runs if another "
            + "node serves the run.",
        request + [.optional("by", .person, "the person; absent if it is a client's consent")]
            + vote + [
                .required("proof", .payload, "the signed vote"),
                .required("i", .count, "which of `need` it is, from 1"),
                .optional("seats", .people, "the members in whose place a delegate agrees"),
                control("the newest entry that the node had applied"),
            ])

    static let approvalDenied = RecordSchema(
        .before, .inRun, "One person refuses, which ends the request.",
        request + [.required("by", .person, "who")] + vote + [
            .optional("proof", .payload, "the signed vote; none where `via` is a session or token"),
            .optional("code", .name, "why, of a few reasons"),
            .optional("note", .payload, "the same in that person's words"),
            .optional("i", .count, "unused"),
        ])

    static let approvalViewed = RecordSchema(
        .after, .either,
        "A person who may decide was shown what is to be decided; outside runs if another node serves the run.",
        request + [
            .required("by", .person, "who"),
            .required("rev", .count, "revision of what was shown"),
        ])

    static func ended(_ about: String) -> RecordSchema {
        RecordSchema(.before, .inRun, about, request + [.required("code", .name, "why")])
    }

    static let approvalVoid = RecordSchema(
        .before, .inRun, "A request or grant ended because something it rested on changed.",
        request + [
            .required("code", .name, "why"),
            .optional("by", .person, "who took the grant back"),
            .optional("via", means, "by what means"),
            .optional("proof", .payload, "the signed vote against it"),
            .optional("note", .payload, "that person's reason"),
        ])

    static let approvalReissued = RecordSchema(
        .before, .inRun, "A request is shown anew, since what it rests on changed; votes are void.",
        request + [
            .required("rev", .count, "revision of what is shown"),
            .required("need", .count, "people who must agree from here on"),
            .optional("uses", .count, "how many calls may use the approval; absent for one"),
            .required("bind", .payload, "exactly what is shown now"),
            .optional("floor", .microseconds, "the least time in which that can be read"),
        ])

    static let approvalProbe = RecordSchema(
        .before, .inRun,
        "The request was a probe, known to be bad, and a person has decided it. Nothing was released.",
        request + [
            .required("by", .person, "who"),
            .required("verdict", .oneOf(["approve", "deny"]), "`approve` missed it"),
            .required("via", means, "by what means"),
            .required("bindc", .digest, "`bind.c` of what was seen"),
            .required("code", .name, "what kind of fault it had"),
            .required("flaw", .payload, "what was wrong, as that person was told"),
            .optional("proof", .payload, "the signed vote; none where `via` is a session or token"),
            .optional("note", .payload, "that person's words"),
        ])

    static let approvalUsed = RecordSchema(
        .before, .inRun,
        "A grant is used by the call that is about to be sent; up, unless more calls may use it.",
        request + [
            .required("intent", .digest, "leaf hash of the intent of the call that uses it"),
            .required("use", .id, "the call that uses it"),
            .required("bindc", .digest, "`bind.c` of the request"),
            .required(
                "grants", .objects,
                "`{h}`: leaf hash of each vote; `{o,h}`: of one in the log of another node"),
            .required("row", .count, "version of the row that it consumed"),
            .optional("pol", .digest, "the policy that decided again at release"),
            .optional("release", .payload, "that decision and all that it rested on"),
            control("the entry of the use"), units,
        ])

    static let approvalBreakGlass = RecordSchema(
        .before, .inRun,
        "One person lowers the number of people who must agree to one; `approval.reissued` follows.",
        request + [
            .required("by", .person, "who"),
            .required("rev", .count, "revision of what is shown from here on"),
            .required("was", .count, "people who had to agree until here"),
            .required("order", .payload, "the signed order, with reason and ticket"),
        ])

    static let approvalReviewed = RecordSchema(
        .before, .outside, "Another person has reviewed a use of break-glass.",
        [
            .required("appr", .id, "the request"),
            .required("by", .person, "who looked"),
            .required("order", .payload, "the signed review"),
        ])

    static let approvalDelegated = RecordSchema(
        .before, .outside, "A person's seat in a group passes to another person for a time.",
        [
            .required("by", .person, "whose seat it is"),
            .required("to", .person, "who decides meanwhile"),
            .required("id", .id, "of the order"),
            .required("group", .name, "the group"),
            .required("exp", .time, "its end"),
            .required("proof", .payload, "the signed order, with the reason"),
        ])

    static let approvalDelegationEnded = RecordSchema(
        .after, .outside, "A delegation ended before its time.",
        [
            .required("id", .id, "of the order that made it"),
            .required("code", .name, "why"),
            .optional("proof", .payload, "the order of the person who ended it"),
        ])

    private static let means = RecordField.Kind.oneOf([
        "console-webauthn", "console-session", "cli-key", "chat", "mail", "client",
    ])

    private static let request: [RecordField] = [
        .required("appr", .id, "the request; `apr_` and this for people"),
        .required("call", .id, "the call that asked"),
    ]

    private static let vote: [RecordField] = [
        .required("via", means, "by what means"),
        .required("bindc", .digest, "`bind.c` of what was seen"),
        .required("need", .count, "people who must agree"),
        .optional("rev", .count, "revision of what was seen, above 1"),
    ]
}
