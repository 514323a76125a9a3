// The records of the hooks of coding agents (docs/specs/coding-agents.md, section 9). Names that a host made are short
// identifiers, or the digest of other texts.
extension RecordSchema {
    /// The fields of a call that a host asks about, in its `call.intent`.
    static let ofHost: [RecordField] = [
        .optional(
            "host", .name, "of a call of server `host`: the coding agent that asks, or `worker`"),
        .optional("ses", .name, "the session, as that host names it"),
        .optional("hcall", .name, "the call, as that host names it"),
        .optional("sub", .name, "the subagent that acts; absent for the main agent"),
        .optional("par", .name, "the agent that started that subagent, if the host tells"),
    ]

    /// The field of a call that is left to the host's own prompt, in the records that begin and close it.
    static let hostPrompt = RecordField.optional(
        "hprompt", .flag,
        "of a call of server `host`: the coding agent was told to ask its own user first, whom nothing authenticates"
    )

    static let event: [RecordField] = [
        .required("host", .name, "the coding agent"),
        .required("ev", .name, "the kind of event"),
        .required("ses", .name, "the session, as the host names it"),
        .optional("sub", .name, "the subagent; absent for the main agent"),
        .optional("kind", .name, "the kind of subagent"),
        .optional("par", .name, "the agent that started that subagent, if the host tells"),
    ]

    static let hookSession = RecordSchema(
        .before, .inRun,
        "What the hooks of a coding agent tell of its session: begin, end, subagents, model and instructions.",
        event + [
            .optional("hev", .name, "the event, as the host names it"),
            .optional("hv", .name, "the version of the host, as it says"),
            .optional("mode", .name, "its permission mode"),
            .optional(
                "model", .name, "the model that the session has from now on, as the host says"),
            .optional(
                "path", .name,
                "a file of instructions that the host loaded: SHA-256 of its path, unless that is a short identifier"
            ),
            .optional("said", .payload, "everything else that the host said, JSON"),
        ])

    static let hookCall = RecordSchema(
        .before, .inRun,
        "A call of an MCP tool that a coding agent asks about at its hook, the end of a call that no intent began, a call "
            + "that its host defers, a further event of a call, or a result of which the model reads a part. It takes no unit of "
            + "a limit and no approval.",
        event + [
            .required(
                "dec", .oneOf(["passed", "refused", "unmatched", "deferred", "same", "redacted"]),
                "`passed`: a tool of a server that the gateway decides about; `refused`: one of another server; "
                    + "`unmatched`: the end of a call without an open intent; `deferred`: the host ends its turn with the "
                    + "call, until people have decided and the session is resumed; `same`: a further event of a call, which has "
                    + "the verdict of its first one; `redacted`: the model gets another result than the tool returned, which is "
                    + "durable before it does"),
            .optional("appr", .id, "the request that a deferred call waits for"),
            .optional("hcall", .name, "the call, as the host names it"),
            .optional("tool", .name, "`server.tool`; only in the payload if it is no legal name"),
            .optional(
                "code", .name,
                "of `redacted`: `found`, or the reason why the result was not searched"),
            .optional("rules", .names, "of `redacted`: the rules that found a value, each once"),
            .optional(
                "said", .payload,
                "the tool, its server and its arguments; of `redacted`: the result for the model; JSON"
            ),
        ])

    static let hookInstalled = RecordSchema(
        .before, .outside,
        "The hooks of a coding agent are installed or removed on this machine; durable before a file changes.",
        [
            .required("host", .name, "the coding agent"),
            .required("st", .oneOf(["installed", "removed"]), "what happens"),
            .required("scope", .oneOf(["managed", "user", "project"]), "who can change the files"),
            .required("cnt", .count, "files"),
            .required("detail", .payload, "the path and the SHA-256 of each file, JSON"),
        ])

    static let hostChecked = RecordSchema(
        .before, .outside,
        "The result of `interlock doctor` for a coding agent, as its user reports it: a session may begin for 24 hours after a "
            + "good one.",
        [
            .required("agent", .name, "the agent of the user who ran it"),
            .required("host", .name, "the coding agent"),
            .required(
                "st", .oneOf(["good", "failed", "unknown", "probing"]),
                "`failed`: a check failed; `unknown`: one could not be made; `probing`: all are good, and a probe begins: a "
                    + "session may begin for 5 minutes"),
        ])
}
