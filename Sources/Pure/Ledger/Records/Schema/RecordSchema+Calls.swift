extension RecordSchema {
    static let runStart = RecordSchema(
        .before, .inRun, "The first record of a run.",
        [
            .required("pol", .digest, "the policy in force"),
            .required("ver", .digest, "SHA-256 of the gateway's program"),
            .optional("home", .object, "`{o,h}`: the run's start on another node"),
            .optional("host", .name, "of a session of a coding agent outside a sandbox: the host"),
            .optional("ses", .name, "its session, as the host names it"),
            .optional("hv", .name, "the version of the host, as it says"),
            .optional("mode", .name, "its permission mode"),
            .optional("kind", .oneOf(["task", "exploratory", "eval"]), "of a sandboxed run"),
            .optional("own", .person, "who owns the agent of a sandboxed run"),
            .optional("argv", .digest, "SHA-256 of its command, each word followed by a zero byte"),
            .optional("iso", .oneOf(["full", "reduced", "none"]), "its isolation"),
            .optional("back", .oneOf(["own", "bwrap"]), "what made its namespaces"),
            .optional("layers", .names, "the layers of its sandbox that are on"),
            .optional("deg", .names, "its limits that could not be kept on the machine"),
            .optional("abi", .count, "the ABI of Landlock that the kernel offers"),
            .optional("wide", .count, "hosts and paths that its command line adds to the policy"),
            .optional("scan", .digest, "the rules by which its workspace was searched for secrets"),
            .optional("blobs", .count, "files of the history that were searched with it"),
            .optional("marks", .count, "findings of that search that stop no launch"),
            .optional("waived", .count, "findings that the policy waives"),
            .optional("fp", .digest, "of the digests of the files that it starts with"),
            .optional("lock", .digest, "of a sandboxed run: the lock of tools that is in force"),
            .optional(
                "jti", .name,
                "the id of the token with which its supervisor passes on calls; it stays outside"),
            .optional(
                "setup", .payload,
                "of a sandboxed run, JSON: `purpose`, `task`, `request`, `hide` (names), `secrets` (names), `allow` "
                    + "(addresses) and `read` (paths) of its command line, `files` "
                    + "(`{program,prompt,skills,settings}` of `{path,sha256}`), `found` and `waived` "
                    + "(`path:line rule`, of the history after its commit)"
            ),
        ])

    static let runAttach = RecordSchema(
        .before, .inRun,
        "The first record of a run in the log of another node than that of its start.",
        [
            .required("pol", .digest, "the policy in force"),
            .required("ver", .digest, "SHA-256 of the gateway's program"),
            .required(
                "home", .object,
                "`{o,h}`: the run's start on another node, or `{node}` if this one knew no more"
            ),
        ])

    static let runEnd = RecordSchema(
        .after, .inRun, "The last record of a run: none of its tokens counts any more.",
        [
            .required("cnt", .count, "records of the chain, with this one"),
            .required(
                "code", .name,
                "`expired` or `revoked`: how the last of its tokens ended; of a sandboxed run how the command "
                    + "ended, `unknown` where its supervisor did not tell; of a session of a coding agent `ended`, "
                    + "`idle`, or `unknown` if the gateway was started again"),
            .optional("src", .oneOf(["agent", "interlock"]), "whose exit code it is"),
            .optional("exit", .count, "the exit code of `interlock run`"),
            .optional("cpu", .microseconds, "processor time of a sandboxed run"),
            .optional("mem", .count, "the most bytes of its processes together, by its cgroup"),
            .optional("rss", .count, "the most bytes of one of its processes"),
            .optional(
                "att", .objects, "`{o,h,cnt}` or `{o,lost}`: the run's chains on other nodes"),
        ])

    static let runInput = RecordSchema(
        .after, .inRun,
        "What led to a call, as the agent, a hook or a launcher tells it. Nothing is decided by it, but for the values of a `user` "
            + "without `call`, where `taint: {mode: provenance}` applies.",
        [
            .required(
                "src", .oneOf(["user", "model", "hook"]),
                "who wrote it, as its sender says: the request, the model, other text of a hook"),
            .optional("call", .id, "the call that it came with"),
            .optional("text", .payload, "the text, or JSON"),
            .optional("size", .count, "bytes of a text that was too large to be kept"),
            .optional(
                "said", .payload, "of a prompt at a hook: everything else that the host said, JSON"),
        ] + ofHost)

    static let budgetReserved = RecordSchema(
        .before, .inRun,
        "What a call takes of a limit that sums up an argument: it counts when the call's intent is there, and not "
            + "when surely nothing was done. Or the tokens that its server may sample: they count at once.",
        [
            .required("call", .id, "the call"),
            .required("name", .name, "the limit: `spend:` and the argument, or `sampling_tokens`"),
            .required("tool", .name, "the tool"),
            .required("amt", .count, "how much of it"),
            .required("left", .count, "what is left in the window with it"),
            .required("row", .count, "version of the counter's row; 0 on a node by itself"),
        ])

    static let callIntent = RecordSchema(
        .before, .inRun, "A call that the policy permits, or lets people permit.",
        decided + [
            .required("call", .id, "the call; its decision id is `dec_` and this"),
            .required("dec", .oneOf(["allow", "approve"]), "the decision"),
            .required("rule", .name, "id or path of the rule that decided"),
            .required("pol", .digest, "the policy that decided"),
            .required("dl", .oneOf(["D0", "D1", "D2"]), "durability before the call is sent"),
            .required("in", .payload, "all that the decision rested on, and the decision"),
            .required("args", .payload, "the arguments, RFC 8785, before credentials are added"),
            .optional(
                "scan", .digest,
                "the rules by which something was found in the arguments that does not deny the call"
            ),
            .optional(
                "find", .object,
                "findings in the arguments by class that do not deny the call: `generic`, `card`, `iban`, "
                    + "`national_id` or `personal`, and `undecodable`; in a coding agent's own tools also `token`"
            ),
            hostPrompt, control("the newest entry on which the decision rested"), units,
        ] + ofHost)

    static let callInput = RecordSchema(
        .before, .inRun,
        "What a call's server asked and what it is answered; durable before the answer goes out.",
        [
            .required("call", .id, "the call"),
            .required("intent", .digest, "leaf hash of the call's intent"),
            .required("round", .count, "which round of questions, from 1"),
            .required(
                "asked", .names, "`form`, `url`, `sampling` or `roots`, one for each question"),
            .optional(
                "refused", .names,
                "why questions did not reach the caller; with the code of a refusal, why nothing was "
                    + "answered to the server, and the call ended"
            ),
            .required(
                "answers", .payload, "the answers by question: the caller's client's claim"),
            .optional("pol", .digest, "the policy that decided about the round"),
            .optional(
                "again", .payload,
                "all that the last decision of the round rested on, and the decision; absent if the run or the tool "
                    + "was the reason why nothing was answered"),
            .optional(
                "scan", .digest,
                "the rules by which the questions and answers were searched for secrets"),
            .optional(
                "find", .object,
                "findings by class, in the questions, which were declined, and in the answers, which were "
                    + "not sent; markers of injections in the questions by kind, as in `call.outcome`"
            ),
        ])

    static let callOutcome = RecordSchema(
        .before, .inRun, "How a call ended; durable before its caller is answered.",
        [
            .required("call", .id, "the call"),
            .required("intent", .digest, "leaf hash of the intent that it closes"),
            .required(
                "st",
                .oneOf(["ok", "tool_error", "error", "withheld", "cancelled", "not_executed"]),
                "the end; `withheld`: the agent did not get the result"),
            .required("code", .name, "`0`, or the error's code"),
            .required("dur", .microseconds, "from the call's start to its answer"),
            .optional("res", .payload, "the upstream's result, as it came"),
            .optional(
                "out", .payload, "the result that the agent got, where it says anything else"),
            .optional(
                "scan", .digest,
                "the rules by which the answer was searched for secrets; absent where the search failed"
            ),
            .optional(
                "find", .object,
                "findings by class: `private_key`, `token`, `brokered` or `canary`, of which a replaced one is not in "
                    + "`out`, and `undecodable` for something encoded that was not decoded within the limits; "
                    + "`card`, `iban` or `national_id`, which are replaced unless the policy gives them, and `generic` or "
                    + "`personal`, which are in the result unless the policy raises them; "
                    + "markers of injections by kind: `hidden_unicode`, `chat_template`, `imperative`, `other_tool`, "
                    + "`comment` or `data_link`, which change nothing in it"
            ),
            .optional("late", .flag, "it follows a `call.unknown`"),
            level("after the call"), report, hostPrompt,
            .optional(
                "vals", .flag,
                "the run has read values that outsiders wrote, such as numbers and dates, which raise no level"
            ),
        ] + ofNotices)

    static let callUnknown = RecordSchema(
        .after, .inRun, "A call of which it is unknown whether it took effect.",
        [
            .required("call", .id, "the call"),
            .optional("tool", .name, "`server__tool`"),
            .required("intent", .digest, "leaf hash of the intent that it closes"),
            .required(
                "why", .oneOf(["crash", "killed", "timeout", "disconnect", "limit"]),
                "the cause; `limit` if the answer was not read, because it exceeds a limit"),
            .required("last", .oneOf(["intent", "approval.used"]), "the last step on record"),
            level(
                "after the call; absent in the record of a start after a crash, which counts as 2"),
            report, hostPrompt,
        ] + ofNotices)

    /// The fields of a call's progress and log messages.
    private static let ofNotices: [RecordField] = [
        .optional(
            "nfind", .object,
            "findings in the server's progress and log messages, by class; "
                + "the values were replaced or the messages dropped; "
                + "markers of injections by kind, as in `call.outcome`"
        ),
        .optional(
            "ndrop", .count,
            "progress and log messages that the search for secrets kept back, "
                + "for a finding or for want of an answer"
        ),
    ]

    static let outcomeChecked = RecordSchema(
        .before, .outside,
        "A person found out what became of a call whose outcome was unknown, or could not.",
        [
            .required("call", .id, "the call"),
            .required("ofrun", .id, "the run of the call, which may have ended"),
            .required("agent", .name, "the agent of the run"),
            .optional("tool", .name, "`server__tool`"),
            .required("intent", .digest, "leaf hash of the intent that `call.unknown` closed"),
            .required(
                "as", .oneOf(OutcomeFinding.allCases.map(\.rawValue)),
                "what the person found; `still_unknown` may be followed by another one"),
            .required("by", .person, "the person"),
            .optional("reason", .payload, "the comment of the person"),
        ])

    static let callDenied = RecordSchema(
        .after, .either, "A call that was refused, or many of one kind.",
        decided + [
            .optional("call", .id, "the call; absent where many are summed up"),
            .required("dec", .oneOf(["deny"]), "always `deny`"),
            .required("code", .name, "why: part, dot, reason"),
            .required("cnt", .count, "calls that it summarizes"),
            .optional("rule", .name, "id or path of the rule that refused"),
            .optional("pol", .digest, "the policy that decided"),
            .optional("in", .payload, "all that the decision rested on, and the decision"),
            .optional("args", .payload, "the arguments, RFC 8785"),
            .optional("intent", .digest, "leaf hash of the intent that it closes"),
            .optional("again", .payload, "the decision at release, where that refused"),
            .optional(
                "scan", .digest,
                "the rules by which the arguments, or the words about a schema that they do not fit, "
                    + "were searched for secrets; absent where the search failed"
            ),
            .optional(
                "find", .object,
                "findings in the arguments, or in those words, by class, as in `call.outcome`"),
            level("at the decision"), report,
            .optional("agent", .name, "whose calls a summary counts"),
            .optional("from", .time, "first call of a summary"),
            .optional("to", .time, "last call of a summary"),
            control("the newest entry on which the decision rested"),
        ] + ofHost)

    /// The level of a call's run.
    private static func level(_ when: String) -> RecordField {
        .optional(
            "tl", .count,
            "the level of the run \(when): 0, 1 if it has read content that outsiders can write, or 2 "
                + "if that had a marker of an injection, or was not searched for markers"
        )
    }

    private static let report = RecordField.optional(
        SearchReport.field, .payload,
        "the report of the searches, JSON: rules and places of what was found, the origins of the values in "
            + "the arguments, and the passage by which the call made its run hostile; absent where it would say "
            + "no more than the record")

    /// The fields of every decided call about its tool and decision.
    private static let decided: [RecordField] = [
        .optional("tool", .name, "`server__tool`; only in the payload if it is no legal name"),
        .optional("toolv", .digest, "the tool's pin"),
        .optional("risk", .oneOf(["read", "write", "destructive", "admin"]), "the tool's class"),
        .optional("need", .count, "people who must approve"),
        .optional("at", .name, "`FILE:LINE:COLUMN` of the rule"),
        .optional("obl", .names, "obligations applied, at most 16"),
        .optional(
            "ctx", .oneOf(["given", "none", "large", "many"]),
            "whether the agent said what led to the call: `large`, `many`: said and not kept"),
    ]
}
