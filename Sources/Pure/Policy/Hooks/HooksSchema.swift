extension PolicySchema {
    /// The form of `hooks` (docs/specs/coding-agents.md, section 3).
    static let hooks = Record("`hooks`") {
        Field(
            "host_prompt", words(HooksSpec.HostPrompt.self),
            "Whether the host also asks its own user, who is not authenticated, before an allowed reversible call of a low-tier agent: `low`, or `never` (default)."
        )
        Field(
            "wait", .scalar(.duration),
            "How long a hook waits for people, at most and by default `20s`.")
        Field(
            "on_unredactable", words(HooksSpec.Reaction.self),
            "What happens to a run whose result cannot be redacted (default: `kill`).")
        Field(
            "on_bypass", words(HooksSpec.Reaction.self),
            "What happens to a run whose host went past its hook (default: `kill`).")
        Field(
            "shell_allow", .list(.scalar(.text), unordered: true),
            "Commands that need no approval: exact words, and `*` at the end for any further arguments."
        )
        Field(
            "uid", .scalar(.integer(1...4_294_967_294)),
            "The user whose hooks' events outside a run are this agent's, and no other's.")
    }
}
