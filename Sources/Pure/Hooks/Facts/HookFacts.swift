import InterlockJSON

/// The known facts about one host's hooks, with the version that it holds for: data for codecs and the installer, and rows
/// that a test of the real program compares (docs/specs/coding-agents.md, sections 2 to 5).
package struct HookFacts: Sendable {
    package let host: HookHost
    /// The version or the source revision that the facts were taken from.
    package let version: String
    /// False if no test has run the program itself: its rows must not be relied on.
    package let isVerified: Bool
    package let events: [HookEventFact]
    package let timing: HookTiming
    /// The names of the host's own tools, as hooks receive them.
    package let tools: [HookToolFact]
    /// The environment variables that the codec reads; untrusted.
    package let variables: [String]

    /// - Parameter name: the host's own name of an event.
    /// - Returns: nil for an event that these facts do not list.
    package func event(named name: String) -> HookEventFact? {
        events.first { sameBytes($0.name, name) }
    }

    /// Returns `other` for a tool that these facts do not list.
    package func tool(named name: String) -> HookToolName {
        tools.first { sameBytes($0.name, name) }?.tool ?? .other
    }
}

/// One event of a host.
package struct HookEventFact: Sendable, Hashable {
    /// The host's own name of the event.
    package let name: String
    package let kind: HookEventKind
    /// The effect of a refusal of the event at this host.
    package let stops: HookStop
    /// The matcher of its configuration entry, or nil if the event has none.
    package let matcher: String?
    /// False if Interlock must not install a hook for it.
    package let isRegistered: Bool
}

/// The thing that a refusal prevents.
package enum HookStop: Sendable, Hashable {
    /// The call of a tool.
    case call
    /// The prompt of a user.
    case prompt
    /// The result of a tool reaches the model in no or in another form.
    case result
    /// The end of a turn, which exit 2 would prevent: the agent would keep working. A refusal ends the session by
    /// `continue:false` instead.
    case turn
    /// The host records or shows the refusal, and continues.
    case nothing
}

/// One tool of a host.
package struct HookToolFact: Sendable, Hashable {
    package let name: String
    package let tool: HookToolName
}

/// The times of one hook: each is below the one before it, so that the adapter answers before the host gives up.
package struct HookTiming: Sendable, Hashable {
    package enum Unit: String, Sendable {
        case seconds, milliseconds
    }

    /// The member of the configuration entry that holds the timeout.
    package let member: String
    package let unit: Unit
    /// The timeout that the installer writes.
    package let timeout: Duration
    /// The time after which the adapter refuses by itself.
    package let deadline: Duration
    /// The longest wait for an approval, or nil if the host must not be kept waiting.
    package let wait: Duration?

    /// The number that spells `timeout` in the configuration.
    package var number: Int64 {
        switch unit {
        case .seconds: timeout.components.seconds
        case .milliseconds: timeout.components.seconds * 1000
        }
    }
}
