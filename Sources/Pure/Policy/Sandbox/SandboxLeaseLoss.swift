/// The fate of a run whose supervisor no longer hears the gateway (docs/specs/kill-switch.md, section 6). Its
/// connections are refused in either case.
package enum SandboxLeaseLoss: String, Sendable, Hashable, CaseIterable {
    /// Continues without connections.
    case stop
    /// Ends after a minute.
    case kill
}
