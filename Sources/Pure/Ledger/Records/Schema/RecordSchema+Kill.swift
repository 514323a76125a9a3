import InterlockModel

/// Records of the kill switch (docs/specs/kill-switch.md, section 13).
extension RecordSchema {
    static let killRequested = RecordSchema(
        .after, .either, "A halt is in force. It acts first and is recorded after.",
        [
            .required(
                "scope", .oneOf(HaltTarget.allScopes),
                "what is halted"),
            .required("target", .name, "which; a person as a pseudonym"),
            .required("kep", .count, "the epoch of halts that it began"),
            .required("by", .person, "who ordered it"),
            .required("src", .name, "where the order came in"),
            .required("code", .name, "why"),
            .optional("req", .id, "the order"),
            .required("why", .payload, "the signed order"),
            control("the entry of the halt"),
        ])

    static let killEffective = RecordSchema(
        .after, .outside, "What a halt reached.",
        [
            .required("req", .id, "the order"),
            .required("kep", .count, "its epoch"),
            .required("points", .count, "points of enforcement that acknowledged"),
            .required("missed", .count, "points that did not"),
            .required("cut", .count, "calls in flight that were cut"),
            .required("left", .count, "of those, not ended in time"),
            .required("dur", .microseconds, "from the order to here"),
        ])

    static let killPoint = RecordSchema(
        .after, .inRun, "What a sandbox that a halt ended reported.",
        [
            .required("req", .id, "the order"),
            .required("point", .name, "the point of enforcement"),
            .required("dur", .microseconds, "from the order to here"),
            .required("left", .count, "processes that had not ended"),
        ])

    static let killReleaseRequested = RecordSchema(
        .after, .outside, "One person asks to end a halt.", [.required("req", .id, "the order")])

    static let killReleased = RecordSchema(
        .before, .outside, "A halt ends.",
        [
            .required("req", .id, "the release"),
            .required("kep", .count, "the epoch that follows"),
            .required("by", .people, "who signed"),
            .required("why", .payload, "the signed release"),
            control("the entry of the release"),
        ])

    static let killRefused = RecordSchema(
        .after, .outside, "An order that was not accepted.", [.required("code", .name, "why")])

    static let killDrill = RecordSchema(
        .after, .outside, "A drill of the kill switch, or its sign-off.",
        [
            .required("req", .id, "the drill"),
            .required("variant", .name, "how it was made"),
            .required("digest", .digest, "of the report that was signed"),
            .required("passed", .flag, "whether it passed"),
            .optional("by", .person, "who signed it off"),
        ])

    static let killDrillOverdue = RecordSchema(
        .after, .outside, "The kill switch was not rehearsed in time; once a day.",
        [.required("due", .time, "when a drill had to have passed")])

    static let killViolation = RecordSchema(
        .after, .outside, "A call was sent after a point had answered that it was halted.",
        [
            .required("req", .id, "the halt"),
            .required("call", .id, "the call"),
            .required("point", .name, "the point that let it through"),
        ])
}
