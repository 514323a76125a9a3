extension RecordSchema {
    static let sessionOpened = RecordSchema(
        .before, .inRun, "An MCP session of one of the older protocol versions began.",
        [
            .required("proto", .name, "the protocol version"),
            .required("sess", .name, "the first characters of its id"),
        ])

    static let sessionClosed = RecordSchema(
        .after, .either, "It ended.", [.required("sess", .name, "the first characters of its id")])

    static let listServed = RecordSchema(
        .before, .inRun, "The agent was shown its tools; at most one record a minute for one list.",
        [
            .required("cnt", .count, "times, since the last record"),
            .required("tools", .count, "tools in it"),
            .required("list", .name, "tells lists apart"),
            .optional(
                "left", .count,
                "entries that were left out, for a finding or for want of an answer of the search"),
            .optional(
                "scan", .digest, "the rules by which the entries were searched for secrets"),
            .optional(
                "find", .object,
                "findings in the entries by class; the values were replaced or the entries left out"
            ),
        ])

    static let tokenIssued = RecordSchema(
        .before, .outside, "A credential exists.",
        [
            .required("agent", .name, "for whom"),
            .required("jti", .name, "its id, no secret"),
            .required("exp", .time, "its end"),
            .required("trun", .id, "the run that it is for"),
            .optional("only", .names, "the scopes that it is for at most, where it was narrowed"),
            .optional("by", .person, "who ordered it, where a person did"),
            .optional("proof", .payload, "the signed order"),
        ])

    static let accessRefused = RecordSchema(
        .after, .outside, "A request without a credential that counts, or many of one kind.",
        [
            .required("code", .name, "why"),
            .optional("agent", .name, "where it is known"),
            .optional("cnt", .count, "requests of a summary"),
            .optional("from", .time, "first request of a summary"),
            .optional("to", .time, "last request of a summary"),
        ])

    static let approverEnrolled = RecordSchema(
        .before, .outside, "A key may vote and order for a person.",
        [
            .required("by", .person, "whose key"),
            .required("kind", .oneOf(["ed25519", "passkey"]), "the key's kind"),
            .required("key", .digest, "the public key; of a passkey's COSE key the SHA-256"),
            .optional("rp", .name, "a passkey: the console's domain"),
            .optional("cred", .digest, "a passkey: the SHA-256 of its id"),
            .optional("roles", .names, "all of the person's, where they change with it"),
            .optional("founding", .flag, "by `interlock init`, before there was anybody to sign"),
        ] + orders)

    static let approverRevoked = RecordSchema(
        .after, .outside, "Keys of a person count no more.",
        [
            .required("by", .person, "whose keys"),
            .required("code", .name, "why"),
            .optional("who", .person, "who ordered it, where a person did"),
            .optional("cred", .digest, "the SHA-256 of the one passkey's id; without it all"),
            .optional("proof", .payload, "the signed order"),
            control("the entry of the revocation"),
        ])

    /// The fields for orders that two people signed.
    private static let orders: [RecordField] = [
        .optional("signers", .people, "who invited or asked, and who confirmed"),
        .optional("proof", .payload, "their signed orders"),
        control("the entry of the change"),
    ]

    static let peopleRole = RecordSchema(
        .before, .outside, "A person has these roles from here on.",
        [
            .required("by", .person, "who has them"),
            .required("roles", .names, "all of them"),
            .optional("founding", .flag, "by `interlock init`, before there was anybody to sign"),
        ] + orders)

    static let serviceIssued = RecordSchema(
        .before, .outside, "A service may read the people plane with a token, which is not here.",
        [
            .required("by", .person, "who ordered it"),
            .required("svc", .name, "the service"),
            .required("id", .id, "of the order, which tells tokens of one name apart"),
            .required("role", .name, "as whose holder it sees"),
            .required("exp", .time, "its end"),
            .optional("proof", .payload, "the signed order"),
        ])

    static let serviceEnded = RecordSchema(
        .after, .outside, "Its token counts no more.",
        [
            .required("by", .person, "who ordered it"),
            .required("svc", .name, "the service"),
            .required("id", .id, "of the order that issued it"),
            .optional("proof", .payload, "the signed order"),
        ])

    static let alarmRaised = RecordSchema(
        .after, .either, "Something that people should look at.",
        [
            .required("code", .name, "what, stable"),
            .optional("subject", .name, "an id, or a name from configuration"),
            .optional("call", .id, "a blocked call, the first that it is about"),
            .optional("alarm", .id, "its own, by which people dispose of it"),
            .optional("sev", .oneOf(["info", "low", "high", "page"]), "how soon to look"),
            .optional("told", .flag, "false: it is on record alone"),
            .optional("agent", .name, "whom it is about"),
            .optional("ofrun", .id, "the run that it is about"),
            .optional("tool", .name, "the tool that it is about"),
            .optional("cny", .name, "the canary that was found"),
            .optional("series", .name, "what was watched over time"),
            .optional("det", .names, "what noticed it"),
            .optional(
                "cnt", .count,
                "of a series the count in its window; else blocked calls, or texts with a canary, since the last alarm, with this one"
            ),
            .optional("exp", .count, "what the series usually counts in a window"),
            .optional("rule", .name, "id or path of the rule that blocked"),
            .optional("signal", .name, "why its breaker tripped"),
            .optional("step", .oneOf(["throttle", "pause"]), "what it did to the run"),
            .optional("type", .name, "of a record that could not be written"),
            .optional("pol", .digest, "the policy in force"),
            .optional("detail", .payload, "the whole report"),
        ])

    private static let byReason: [RecordField] = [
        .required("by", .person, "who said so"), .required("reason", .payload, "why"),
    ]

    static let alarmDisposed = RecordSchema(
        .before, .outside, "A person records what an alarm was.",
        [
            .required("alarm", .id, "the alarm"), .required("code", .name, "of it"),
            .required("as", .oneOf(["attack", "fault", "expected", "false"]), "what it was"),
        ] + byReason)

    static let incidentOpened = RecordSchema(
        .before, .outside,
        "Something went wrong and is dealt with from here on. A person says why, or the gateway opens it by a code.",
        [
            .required("inc", .id, "its own"), .required("sev", .count, "1, the worst, to 3"),
            .optional("alarm", .id, "the alarm by which it was noticed"),
            .optional("agent", .name, "the agent that it is about"),
            .optional("ofrun", .id, "the run that it is about"),
            .optional(
                "code", .oneOf(["canary", "brokered-value"]),
                "why the gateway opened it; absent if a person did"),
            .optional("by", .person, "the person who opened it"),
            .optional("reason", .payload, "why, in the words of that person"),
        ])

    static let incidentAction = RecordSchema(
        .before, .outside, "A person did something about an open incident.",
        [
            .required("inc", .id, "the incident"),
            .optional("agent", .name, "the agent that it is about"),
            .optional("subject", .name, "the eval case that was made from it"),
            .required("by", .person, "who did it"), .required("text", .payload, "what was done"),
        ])

    static let incidentClosed = RecordSchema(
        .before, .outside, "An incident is over, and stays so.",
        [
            .required("inc", .id, "the incident"),
            .optional("agent", .name, "the agent that it was about"),
            .optional(
                "as", .oneOf(["attack", "fault", "policy", "agent", "other"]), "the cause"),
        ] + byReason)

    static let alertUndelivered = RecordSchema(
        .after, .outside, "People were not told of something through one channel, and will not be.",
        [
            .required("alert", .id, "the alert"),
            .required("channel", .name, "its name in the configuration"),
            .required("kind", .name, "what the alert was about"),
            .required("code", .name, "why: `alert.` and a word"),
            .optional("appr", .id, "the request for approval that it was about"),
        ])
}
