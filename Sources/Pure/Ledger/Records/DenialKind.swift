/// The meaning of a record `call.denied` for the trust in its agent, by its code (docs/decisions/0167).
package enum DenialKind: Sendable, Hashable {
    /// It counts against the agent until a person states another cause.
    case counted
    /// The stage refused the call, as it refuses every call.
    case observed
    /// The call waits for people, whose rejection has a record of its own.
    case waiting
    /// The change gate refused the call, which says nothing about the call.
    case gated

    /// - Parameter code: the code of the record; nil counts.
    package init(code: String?) {
        switch code {
        case "policy.observe", "policy.incomplete": self = .observed
        case "approval.pending": self = .waiting
        case .some(let code) where code.utf8.starts(with: "eval.".utf8): self = .gated
        default: self = .counted
        }
    }
}
