/// The response to a lost lease: the gateway no longer responds to the supervisor of a run (docs/specs/kill-switch.md,
/// section 6). The connections of the run are refused in either case.
package enum SandboxLeaseLoss: String, Sendable, Hashable, CaseIterable {
    /// Continues without connections.
    case stop
    /// Ends after a minute.
    case kill
}
