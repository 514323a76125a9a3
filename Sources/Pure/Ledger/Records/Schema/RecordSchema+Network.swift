/// Records of the connections of sandboxed runs (docs/specs/sandbox.md, section 12). Hosts and addresses are payloads.
extension RecordSchema {
    static let netLookup = RecordSchema(
        .after, .inRun, "A name was resolved for a connection, after a rule had admitted it.",
        [
            .required("call", .id, "the connection"),
            .required("rule", .name, "the rule: protocol, host and ports"),
            .required("cnt", .count, "addresses in the answer; 0 if the name was not resolved"),
            .required("dur", .microseconds, "time of the look-up"),
            .required("ans", .payload, "JSON: `host`, and `ip`, the addresses"),
        ])

    static let netConnect = RecordSchema(
        .before, .inRun,
        "A connection of a sandboxed run that the policy permits, durable before anything is sent to its server; or one "
            + "that was refused, or many.",
        [
            .required("call", .id, "the connection"),
            .required("dec", .oneOf(["allow", "deny"]), "the decision"),
            .required("pol", .digest, "the policy that decided"),
            .optional("rule", .name, "the rule that permits it: protocol, host and ports"),
            .optional("code", .name, "why it was refused: part, dot, reason"),
            .optional("cnt", .count, "refused connections that it counts; absent for one"),
            .optional("port", .count, "the port of the target"),
            .optional("acc", .oneOf(["tunnel", "http"]), "how it was asked for"),
            .optional("ech", .flag, "whether its ClientHello has an encrypted part"),
            .optional(
                "dst", .payload,
                "JSON: `host`; of a permitted one `ip`, the checked addresses in the order in which they are tried, and "
                    + "`sni`, the name in its ClientHello"),
        ])

    static let netClose = RecordSchema(
        .after, .inRun, "How a permitted connection ended.",
        [
            .required("call", .id, "the connection"),
            .required(
                "end",
                .oneOf(["finished", "unreachable", "broken", "idle", "limit", "stopped"]),
                "the end; `limit`: the rule's `max_bytes_up`; `stopped`: by a halt or the end of the run"
            ),
            .required("sent", .count, "bytes that were sent to the server"),
            .required("recv", .count, "bytes that were received from it"),
            .required("dur", .microseconds, "from its permission to its end"),
            .optional(
                "errno", .count, "of `unreachable`: the error; 0 if no address answered in time"),
        ])
}
