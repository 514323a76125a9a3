package import InterlockShell

/// The behaviour of a coding agent's hooks, as the policy states it (docs/specs/coding-agents.md, section 3).
package struct HooksSpec: Sendable {
    /// The allowed calls about which the host first asks its own user, who is not authenticated
    /// (`Decision.asksHostUser`).
    package enum HostPrompt: String, Sendable, CaseIterable {
        case never
        /// Reversible calls of an agent of the low tier.
        case low
    }

    /// The effect of a result that cannot be redacted, or of a host that went past its hook.
    package enum Reaction: String, Sendable, CaseIterable {
        /// The run is ended, and an alert raised.
        case kill
        /// An alert is raised.
        case alert
    }

    package var hostPrompt: HostPrompt { statedPrompt?.value ?? .never }
    /// The key as the policy states it; nil if it does not.
    let statedPrompt: Located<HostPrompt>?
    /// The time for which a hook waits for people before it denies or defers.
    package let wait: Duration
    package let onUnredactable: Reaction
    package let onBypass: Reaction
    /// The commands that need no approval, unless they deploy or change production.
    package let shellAllow: ShellAllowList
    /// The listed patterns in the order of the file, for people.
    package let shellPatterns: [Located<String>]
    /// One sentence for each pattern that would allow what people always decide (L122).
    let tooWide: [Located<String>]
    /// The user id whose events outside a run are the agent's; nil for none. No two agents have the same.
    package let user: Located<UInt32>?
    /// Hosts give their hooks 30 seconds, of which the adapter keeps ten for itself.
    package static let longestWait = Duration.seconds(20)

    /// The id that the kernel reports for a user of another namespace who has none in the gateway's.
    private static let unmapped: UInt32 = 65_534

    init(_ value: TypedValue, _ findings: inout Findings) {
        statedPrompt = value["host_prompt"]?.located { $0.text.flatMap(HostPrompt.init) }
        onUnredactable = value["on_unredactable"]?.text.flatMap(Reaction.init) ?? .kill
        onBypass = value["on_bypass"]?.text.flatMap(Reaction.init) ?? .kill
        wait = value["wait"]?.seconds.map { .seconds($0) } ?? Self.longestWait
        if let stated = value["wait"], wait > Self.longestWait {
            findings.add(
                .outOfRange, at: stated,
                "hooks: `wait` is longer than \(Self.longestWait.components.seconds)s",
                help: "hosts end a hook after 30 seconds; a later decision is found at the next try"
            )
        }
        user = value["uid"]?.located { $0.integer.flatMap { UInt32(exactly: $0) } }
        if let user, user.value == Self.unmapped {
            findings.add(
                .outOfRange, at: user,
                "hooks: user id \(Self.unmapped) is that of every user without an id here")
        }
        let items = value["shell_allow"]?.items ?? []
        if let stated = value["shell_allow"], items.count > ShellAllowList.most {
            findings.add(
                .tooLarge, at: stated, "shell_allow: more than \(ShellAllowList.most) entries")
        }
        var patterns: [ShellPattern] = []
        var texts: [Located<String>] = []
        var tooWide: [Located<String>] = []
        for item in items.prefix(ShellAllowList.most) {
            guard let text = item.text else { continue }
            texts.append(Located(text, of: item))
            do throws(ShellPatternError) {
                patterns.append(try ShellPattern(text))
            } catch {
                if case .allows(let kind) = error {
                    let message =
                        "shell_allow: `\(text)` would allow commands of the kind `\(kind.rawValue)`, which people always decide"
                    tooWide.append(Located(message, of: item))
                } else {
                    Self.report(error, of: text, at: item, &findings)
                }
            }
        }
        shellAllow = ShellAllowList(patterns)
        shellPatterns = texts
        self.tooWide = tooWide
    }

    private static func report(
        _ error: ShellPatternError, of text: String, at item: TypedValue,
        _ findings: inout Findings
    ) {
        switch error {
        case .tooLong:
            findings.add(
                .tooLarge, at: item,
                "shell_allow: an entry is longer than \(ShellPattern.most) bytes")
        case .malformed:
            findings.add(
                .wrongType, at: item,
                "shell_allow: `\(text)` is not plain words with one space between them",
                help: "`*` may be the last word; quotes, operators and expansions match nothing")
        // A lint, since the file is well formed.
        case .allows: break
        }
    }
}
