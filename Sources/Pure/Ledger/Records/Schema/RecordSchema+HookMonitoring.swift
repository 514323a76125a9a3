// The signs that the hook of a coding agent is gone, silent or changed (docs/specs/coding-agents.md, section 10). Those that
// no event shows are outside the chain of the run, which may have ended.
extension RecordSchema {
    private static let effect = RecordField.required(
        "verdict", .oneOf(["kill", "alert"]), "the effect on the run, by `hooks.on_bypass`")
    private static let run: [RecordField] = [
        .required("ofrun", .id, "the run"),
        .required("agent", .name, "the agent of the run"),
    ]

    static let hookBypassed = RecordSchema(
        .after, .inRun, "A coding agent ran a tool past its hook.",
        ofHost + [
            .required(
                "code", .oneOf(["denied", "no_intent"]),
                "`denied`: the call was denied; `no_intent`: no event came before it"),
            .optional(
                "tool", .name,
                "`host.read`, or `server.tool` of an MCP tool; absent if it is no legal name"),
            effect,
        ])

    static let hookSilent = RecordSchema(
        .after, .outside,
        "A call of an MCP tool reached the gateway from a run with a hook, and no event about it.",
        run + [
            .required("call", .id, "the call"),
            .required("tool", .name, "the tool, as the agent named it"),
            effect,
        ])

    static let hookConfigChanged = RecordSchema(
        .after, .inRun, "The settings of a coding agent changed in a session.",
        event + [
            .optional("src", .name, "the settings, as the host names them"),
            .required(
                "fp", .digest, "SHA-256 of what the host says of them: their new fingerprint"),
        ])

    static let hookUnexplainedChange = RecordSchema(
        .after, .outside,
        "Files of the workspace changed, and no recorded write and no shell command explains it.",
        run + [
            .required("cnt", .count, "such files, of those that `run.diff` lists"),
            .required("changes", .payload, "their paths, a JSON list"),
        ])

    static let hostUnmanaged = RecordSchema(
        .after, .outside, "A coding agent works without its hook, or with a part of it.",
        run + [
            .required(
                "code", .oneOf(["no_session_start", "no_events"]),
                "`no_session_start`: a session has events and no begin; `no_events`: it calls tools of servers, and its "
                    + "last event is 24 hours old"),
            .optional("host", .name, "the coding agent, if an event tells"),
            .optional("ses", .name, "the session, as that host names it"),
        ])

    static let redactionFailed = RecordSchema(
        .after, .inRun,
        "A result that a coding agent's model must not read, and which its host cannot replace.",
        ofHost + [
            .required(
                "ev", .oneOf(["post_tool", "post_tool_failure", "unknown"]),
                "the kind of event; `unknown`: of an event that cannot be read"),
            .optional(
                "tool", .name,
                "`host.read`, or `server.tool` of an MCP tool; absent if it is no legal name"),
            .required(
                "code", .oneOf(["found", "too_large", "late", "busy", "scanner", "unreadable"]),
                "`found`: a value was found; otherwise the reason why the result was not searched, which counts as "
                    + "a finding; `unreadable`: the event cannot be read, at most one record a minute of a run"
            ),
            .required(
                "rules", .names,
                "the rules that found a value, each once; empty if the result was not searched"),
            .required(
                "verdict", .oneOf(["kill", "alert"]),
                "the effect on the run, by `hooks.on_unredactable`"),
        ])
}
