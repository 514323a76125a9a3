extension RecordSchema {
    static let trustClassified = RecordSchema(
        .before, .outside,
        "A person stated the cause of a denial, which counts for the agent's trust from here on. The latest one of a denial counts.",
        [
            .required("agent", .name, "the agent that was denied"),
            .optional("ofrun", .id, "its run; absent where the denial names none"),
            .required("h", .digest, "leaf hash of the denial"),
            .required(
                "as", .oneOf(["attack", "policy", "agent"]),
                "`attack`: the run had read untrusted content, and the arguments came from it; `policy`: the policy that `pol` "
                    + "names grants the call; `agent`: it counts against the agent, as if nothing was stated"
            ),
            .optional(
                "pol", .digest,
                "of `policy`: the policy in force, under which the call is not denied"),
            .required("by", .person, "the person, who is no owner of the agent"),
            .required("reason", .payload, "why"),
        ])
}
