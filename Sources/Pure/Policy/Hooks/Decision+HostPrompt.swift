import InterlockModel

extension Decision {
    /// True if a coding agent must ask its own user before it runs this call: the policy allows it, `hooks.host_prompt` is
    /// `low`, the agent's tier is low, and the gravest effect is `reversible` (docs/specs/coding-agents.md, section 3).
    ///
    /// INVARIANT: the prompt is asked in addition to an allow and never in place of an approval, because nothing
    /// authenticates who answers it. Kept by `HostPromptTests`.
    package func asksHostUser(_ hooks: HooksSpec?) -> Bool {
        verdict == .allow && hooks?.hostPrompt == .low && tier == .low
            && Effect.gravestFirst.first(where: effects.has) == .reversible
    }
}
