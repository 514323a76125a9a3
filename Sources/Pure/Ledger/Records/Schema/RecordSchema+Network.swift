/// Records of the connections of sandboxed runs and of stdio servers (docs/specs/sandbox.md, section 12). Hosts and addresses are payloads.
extension RecordSchema {
    /// The fields that name a stdio server, whose connections are outside every run.
    private static let ofChild: [RecordField] = [
        .optional("srv", .name, "the stdio server that asked, if it was one"),
        .optional("sbx", .id, "of a server: the sandbox of its child, new for each launch"),
        .optional("agent", .name, "of a server: whose calls the child serves, if an agent's"),
    ]

    static let netLookup = RecordSchema(
        .after, .either, "A name was resolved for a connection, after a rule had admitted it.",
        [
            .required("call", .id, "the connection"),
            .required("rule", .name, "the rule: protocol, host and ports"),
            .required("cnt", .count, "addresses in the answer; 0 if the name was not resolved"),
            .required("dur", .microseconds, "time of the look-up"),
            .required("ans", .payload, "JSON: `host`, and `ip`, the addresses"),
        ] + ofChild)

    static let netConnect = RecordSchema(
        .before, .either,
        "A connection of a sandboxed run or of a stdio server, or a run's request to a model, that the policy permits, "
            + "durable before anything is sent to its server; or one that was refused, or many.",
        [
            .required("call", .id, "the connection"),
            .required("dec", .oneOf(["allow", "deny"]), "the decision"),
            .required("pol", .digest, "the policy that decided"),
            .optional(
                "rule", .name,
                "the rule that permits it: protocol, host and ports; or `model` and the name of the entry"
            ),
            .optional("code", .name, "why it was refused: part, dot, reason"),
            .optional("cnt", .count, "refused connections that it counts; absent for one"),
            .optional("port", .count, "the port of the target"),
            .optional("acc", .oneOf(["tunnel", "http", "model"]), "how it was asked for"),
            .optional("h", .digest, "of a request to a model: SHA-256 of its body"),
            .optional(
                "size", .count,
                "of a request to a model: the bytes of its body; of a plain request: those of its head and body"
            ),
            .optional("model", .name, "the id of the model that the body names"),
            .optional("ech", .flag, "whether its ClientHello has an encrypted part"),
            .optional(
                "dst", .payload,
                "JSON: `host`; of a permitted one `ip`, the checked addresses in the order in which they are tried, "
                    + "`sni`, the name in its ClientHello, and `request`, SHA-256 of a plain request as it is sent"
            ),
        ] + ofChild)

    static let netClose = RecordSchema(
        .after, .either, "How a permitted connection ended.",
        [
            .required("call", .id, "the connection"),
            .required(
                "end",
                .oneOf(["finished", "unreachable", "broken", "idle", "limit", "stopped"]),
                "the end; `limit`: the rule's `max_bytes_up`, or an answer that is too large; `stopped`: by a halt "
                    + "or the end of the run"
            ),
            .required(
                "sent", .count,
                "bytes that were sent to the server; of a request to a model, its body"
            ),
            .required("recv", .count, "bytes that were received from it, of an answer its body"),
            .required("dur", .microseconds, "from its permission to its end"),
            .optional(
                "errno", .count,
                "of `unreachable`: the error; 0 if no address answered in time, or a model's provider was not reached"
            ),
            .optional("status", .count, "of a model's answer: the status of HTTP"),
            .optional("h", .digest, "of a model's answer: SHA-256 of its body"),
            .optional("model", .name, "the id of the model that the answer states"),
            .optional("tin", .count, "tokens of the prompt, as the answer states them"),
            .optional("tout", .count, "tokens of the answer, as it states them"),
            .optional("tcr", .count, "tokens that were read from the provider's cache"),
            .optional("tcw", .count, "tokens that were written to it"),
        ] + ofChild)
}
