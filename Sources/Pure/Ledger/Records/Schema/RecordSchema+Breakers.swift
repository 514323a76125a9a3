extension RecordSchema {
    static let budgetSnapshot = RecordSchema(
        .after, .outside,
        "What was used of limits, what breakers held and which runs were tainted, before a record of the log: a start "
            + "continues from there. One "
            + "snapshot may take several records.",
        [
            .required("upto", .count, "index of the first record that is not in it"),
            .required("pol", .digest, "the policy whose limits were counted"),
            .required("part", .count, "which of its records this is, from 0"),
            .required("parts", .count, "how many there are"),
            .required("at", .time, "the time by which windows go on: no step of a clock moves it"),
            .required("wall", .time, "of the newest record in it: its `ts`"),
            .required("up", .microseconds, "of that record: its `mono`"),
            .required("bid", .name, "of that record: its `boot`"),
            .required(
                "items", .objects,
                "`{agent,limit,sec,n}`: units by slot, each as steps from the slot before and units; "
                    + "`{call,agent,takes}`: a call under way; `{call,sums}`: one before its intent; "
                    + "`{run,agent,step,why,until}`, `{server,tool,until}`: what a breaker holds; "
                    + "`{ofrun,call,at,level,by,since}`: a run that had read untrusted content, the call that brought it, "
                    + "`level` 1 if it had no marker of an injection, and the call that made it hostile, if another"
            ),
            .optional(
                "tl", .count, "how many such runs there are; a start reads no snapshot without it"),
        ])

    static let responseThrottle = RecordSchema(
        .after, .inRun,
        "Calls of a run come one by one: a breaker tripped, or an alarm was raised.",
        [
            .required("code", .name, "the signal"),
            .required("until", .time, "when that ends"),
        ])

    static let responsePause = RecordSchema(
        .after, .inRun, "No call of a run proceeds until a person resumes it, or the run ends.",
        [
            .required("code", .name, "the signal; `person` if a person asked for it"),
            .optional("by", .person, "who asked for it"),
            .optional("order", .payload, "what that person signed"),
        ])

    static let responseEnd = RecordSchema(
        .before, .inRun, "A run continues as before.",
        [
            .required("code", .oneOf(["time", "person"]), "what ended it"),
            .optional("by", .person, "who let it go on"),
            .optional("order", .payload, "what that person signed"),
        ])

    static let breakerOpened = RecordSchema(
        .after, .outside, "Calls to a server or to one of its tools are refused because they fail.",
        [
            .required("server", .name, "the server"),
            .optional("tool", .name, "the tool, where it is about one"),
            .required("until", .time, "when one call may try again"),
        ])

    static let breakerClosed = RecordSchema(
        .after, .outside, "Calls to a server or tool go on.",
        [
            .required("server", .name, "the server"),
            .optional("tool", .name, "the tool, where it is about one"),
            .required(
                "code", .oneOf(["recovered", "person"]),
                "calls succeeded again, or an operator let one try"),
            .optional("by", .person, "that operator"),
            .optional("why", .payload, "the reason given"),
            .optional("order", .payload, "what that person signed, if by passkey"),
        ])
}
