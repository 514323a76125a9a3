extension RecordSchema {
    static let logGenesis = RecordSchema(
        .before, .outside, "The first record of a log, written by `interlock init`.",
        [
            .required("origin", .name, "the log's name, `<domain>/<node>/<epoch>`"),
            .required("vkey", .name, "its verifier key"),
            .required("ver", .digest, "SHA-256 of the program that made it"),
            .optional("pol", .digest, "the policy, where there was one already"),
            .optional(
                "from", .object,
                "`{o,size,root}`: the end of the epoch before, or the last witnessed checkpoint"),
        ])

    static let logStarted = RecordSchema(
        .before, .outside, "The log was opened. No permit is given before it.",
        [
            .required("ver", .digest, "SHA-256 of the program that runs"),
            .required("boot_id", .name, "the kernel's boot id, in full"),
            .required(
                "iso", .oneOf(["uid", "same-uid"]), "whether another user holds the log's key"),
            .required("size", .count, "records found"),
            .required("guard", .oneOf(["ok", "lost"]), "the checkpoint kept elsewhere"),
        ])

    static let logRecovered = RecordSchema(
        .before, .outside, "A start found a torn end or calls without a closing record.",
        [
            .required("size", .count, "records found"),
            .required("unknown", .count, "intents closed as unknown"),
            .optional("cut", .object, "`{seg,off,n,h}`: the bytes cut, and their SHA-256"),
        ])

    static let logTick = RecordSchema(
        .after, .outside, "The log is alive: each quiet beat, and at least once a minute.",
        [
            .required("size", .count, "records"),
            .required("open", .count, "intents without an end"),
            .optional("cos", .count, "seconds since the last quorum of witnesses"),
            control("the newest entry of the control chain that the node had applied"),
        ])

    static let logFull = RecordSchema(
        .after, .outside, "Free space passed a mark.",
        [
            .required(
                "level", .oneOf(["soft", "hard", "clear"]), "at `hard` nothing is permitted"),
            .required("free", .count, "bytes"),
        ])

    static let logPruned = RecordSchema(
        .before, .outside, "Old entry bundles were deleted; hash tiles stay.",
        [.required("min", .count, "index of the first entry that is left")])

    static let logClosed = RecordSchema(
        .before, .outside, "The last record of an epoch.",
        [.required("next", .object, "`{o,vkey}` of the epoch that follows")])

    static let clockStep = RecordSchema(
        .after, .outside, "Wall clock and monotonic clock parted by more than 500 ms.",
        [.required("step", .integer, "microseconds, negative when the wall clock was set back")])

    static let keyRotate = RecordSchema(
        .before, .outside, "The log continues under another key.",
        [
            .required("vkey", .name, "the new verifier key"),
            .required("why", .oneOf(["planned", "compromise"]), "the cause"),
            .required("sig", .name, "by the new key over `interlock/kr/1`, origin and old vkey"),
        ])

    static let keyListed = RecordSchema(
        .before, .outside, "A key of another party counts from now on.",
        [
            .required("use", .oneOf(["witness", "evidence", "eval", "peer", "drill"]), "for what"),
            .required("vkey", .name, "the key"),
            .optional("by", .person, "who listed it"),
        ])

    static let payloadErased = RecordSchema(
        .before, .outside, "Keys of payloads are destroyed; what they open cannot be read again.",
        [
            .required("why", .name, "the reason's code"),
            .optional("by", .person, "who asked for it; absent when retention did"),
            .optional("ticket", .name, "where it is followed up"),
            .optional("runs", .names, "the runs whose keys go"),
            .optional("bucket", .name, "the day whose bucket goes"),
        ])

    static let exportMade = RecordSchema(
        .before, .outside, "A person searched, read or exported the log.",
        [
            .required(
                "kind",
                .oneOf([
                    "tail", "query", "show", "prove", "bundle", "export", "replay", "evidence",
                    "capture",
                ]), "how"),
            .optional("by", .person, "who"),
            .optional("svc", .name, "which service, where it was one"),
            .required("n", .count, "records given out, as far as it was known before"),
            .optional("q", .payload, "what was asked for"),
        ])

    static let indexDigest = RecordSchema(
        .after, .outside, "What the index must have of one day.",
        [
            .required("day", .name, "the day, UTC"),
            .required("size", .count, "only records below this index were counted"),
            .required(
                "counts", .objects,
                "`{t,dec,n}`: records of a type and a decision, if they have one"),
            .required("h", .digest, "SHA-256 of the day's sorted leaf hashes"),
        ])

    static let logPlaces = RecordSchema(
        .after, .outside,
        "Where the records of a few types are, up to a record of the log: a start reads these instead of the whole log.",
        [
            .required("upto", .count, "index of the first record that is not covered"),
            .optional(
                "earlier", .count,
                "index of the `log.places` whose places this one continues; absent if it has all"),
            .required("items", .objects, "`{type,at}`: the indexes of the records of a type"),
        ])
}
