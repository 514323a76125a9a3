extension RecordSchema {
    static let policyLoaded = RecordSchema(
        .before, .outside,
        "A revision of the policy is in force from here on; one of a drill decides about its canaries alone.",
        [
            .required("pol", .digest, "the policy digest; the bundle is kept under it"),
            .required(
                "why", .oneOf(["start", "folder", "request", "reload", "drill"]),
                "what made it be read"),
            .required(
                "load", .payload,
                "what went live with it, findings, signatures, and the policy's tests that passed"),
            .optional("by", .people, "who signed it off"),
            control("the newest entry that the node had applied; its revision is this policy's"),
        ])

    static let policyProposed = RecordSchema(
        .after, .outside,
        "A revision of the policy was read that waits for signatures; nothing of it is in force.",
        [
            .required("pol", .digest, "the policy digest in force, which stays"),
            .required("cand", .digest, "the policy digest of the revision"),
            .required("detail", .payload, "the report of the reload: what its sign-off lacks"),
        ])

    static let configChanged = RecordSchema(
        .before, .outside, "A section of the configuration has another value.",
        [
            .required("sec", .name, "the section"),
            .required("h", .digest, "SHA-256 of its new value"),
            .optional("by", .person, "who changed it"),
        ])

    static let pinAccepted = RecordSchema(
        .before, .outside, "What a server offers counts as reviewed from here on.",
        [
            .required("srv", .name, "the server"),
            .required("lock", .digest, "the lock that has it"),
            .required(
                "st", .oneOf(["new", "changed", "gone"]), "beside the lock before; new at a start"),
            .required("n", .count, "tools that have a pin"),
            .required("diff", .payload, "every difference"),
            .optional("by", .people, "whose signatures of the lock count"),
        ])

    static let pinDrift = RecordSchema(
        .after, .outside, "A server lists a tool otherwise than it was reviewed; it is hidden.",
        [
            .required("tool", .name, "`server__tool`"),
            .optional("toolv", .digest, "the reviewed pin"),
            .required("now", .digest, "the pin of what the server lists"),
        ])

    static let serverQuarantined = RecordSchema(
        .after, .outside, "Nothing of a server is offered any more.",
        [
            .required("srv", .name, "the server"),
            .required(
                "code", .name,
                "why: `lock.connect`, `lock.instructions`, `lock.code`, `operator`, `release.unkept` (a recorded release that could not be kept), or the protocol's broken rule"
            ),
            .optional("by", .person, "who, where a person did"),
            .optional("note", .payload, "that person's reason"),
            .optional("order", .payload, "what that person signed, if by passkey"),
        ])

    static let serverReleased = RecordSchema(
        .before, .outside, "A quarantined server is offered again.",
        [
            .required("srv", .name, "the server"),
            .required("by", .person, "who"),
            .required("note", .payload, "that person's reason"),
            .optional("order", .payload, "what that person signed, if by passkey"),
        ])

    static let serverAuthorized = RecordSchema(
        .before, .outside, "A person has signed in at a server's issuer, for one agent.",
        [
            .required("srv", .name, "the server"),
            .required("agent", .name, "for whom"),
            .required("only", .names, "the scopes that were given"),
            .required("by", .person, "the operator who began it"),
            .optional("answer", .person, "who brought the browser's response, if another person"),
        ])

    static let serverForgotten = RecordSchema(
        .after, .outside,
        "The authorization that a person had obtained by signing in is no longer kept.",
        [
            .required("srv", .name, "the server"),
            .required("agent", .name, "for whom it was"),
            .required(
                "st", .oneOf(["revoked", "kept", "none"]),
                "whether the issuer ended it too, did not, or was not asked"),
            .required("by", .person, "the operator"),
        ])

    static let elevationRequested = RecordSchema(
        .before, .outside, "A person requests additional rights for an agent for a limited time.",
        elevation + window + [
            .required("author", .person, "who asks"),
            .required("need", .count, "people who must agree"),
            .required("bind", .payload, "the signed request"),
        ])

    static let elevationGranted = RecordSchema(
        .before, .outside, "Enough people signed an elevation.",
        elevation + window + [
            .required("by", .people, "who signed"),
            .required("proof", .payload, "the signatures"),
            control("the entry of the elevation"),
        ])

    static func elevationEnd(_ about: String) -> RecordSchema {
        RecordSchema(
            .after, .outside, about,
            elevation + [
                .required("code", .name, "why"),
                .optional("by", .person, "who, where a person did"),
                .optional("proof", .payload, "that person's signed order"),
                control("the entry of the end; absent if its time was over"),
            ])
    }

    private static let elevation: [RecordField] = [
        .required("elev", .id, "the elevation"),
        .required("agent", .name, "the agent"),
        .required("pol", .digest, "the policy in force"),
    ]

    private static let window: [RecordField] = [
        .required("from", .time, "in force from here"),
        .required("until", .time, "to here, exclusive"),
    ]
}
