import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel

/// A sign that the hook of a coding agent is gone, silent or changed (docs/specs/coding-agents.md, section 10).
enum HookFinding: Hashable, Sendable {
    /// The reason why the end of a call is a sign.
    enum Bypass: String, Sendable {
        /// The call was denied, and ran.
        case denied
        /// No event came before the call.
        case unasked = "no_intent"
    }
    /// The reason why a host counts as unmanaged.
    enum Unmanaged: String, Sendable {
        /// The session has events, and none of its begin.
        case noSessionStart = "no_session_start"
        /// The agent calls tools of servers, and no event came for `HostActivity.patience`.
        case noEvents = "no_events"
    }

    /// A result that must not be read, against which the host has no means.
    struct Unredactable: Hashable, Sendable {
        /// `found`, or the code of a `ResultInspectionFailure`.
        let code: String
        /// The names of the rules, each once.
        let rules: [String]
    }

    case bypassed(Bypass)
    /// A call of an MCP tool reached the gateway, and no event about it.
    case silent(CallID, tool: ExactText)
    case configChanged
    /// Files of the workspace that no recorded call explains, relative to it and escaped.
    case unexplained([String])
    case unmanaged(Unmanaged)
    case unredactable(Unredactable)
    /// An event that may have brought a result, which was not searched.
    case unreadable(UnreadableEvent)

    var type: RecordType {
        switch self {
        case .bypassed: .hookBypassed
        case .silent: .hookSilent
        case .configChanged: .hookConfigChanged
        case .unexplained: .hookUnexplainedChange
        case .unmanaged: .hostUnmanaged
        case .unredactable, .unreadable: .redactionFailed
        }
    }

    /// The consequence for the run, besides record and alert.
    enum Consequence: Sendable {
        /// The host ran a call past its hook: `hooks.on_bypass` applies, and nothing of the run is approved.
        case bypass
        /// The model reads what it must not: `hooks.on_unredactable` applies.
        case unredactable
    }

    /// Is nil for a finding that is only recorded and raised as an alert.
    var effect: Consequence? {
        switch self {
        case .bypassed, .silent: .bypass
        case .unredactable, .unreadable: .unredactable
        case .configChanged, .unexplained, .unmanaged: nil
        }
    }
}
