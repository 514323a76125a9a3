import InterlockEgress
import InterlockModel
import InterlockPolicy
import Synchronization

/// The hosts that a command line adds to those of a policy, which permits it (docs/specs/sandbox.md, section 8).
extension SandboxEgress {
    /// Returns whether the addresses, as `host:port`, can be added to a policy's rules.
    static func canWiden(_ settings: SandboxSettings, by addresses: [String]) -> Bool {
        let added = addresses.compactMap { EgressSpec(address: $0) }
        guard added.count == addresses.count else { return false }
        var settings = settings
        settings.widen(by: added)
        return addresses.isEmpty || (try? EgressRules(settings)) != nil
    }

    /// Adds hosts for one run. They are lost with this process: a run that outlives it reaches what its policy names.
    func widen(_ run: RunID, by addresses: [String]) {
        guard !addresses.isEmpty else { return }
        let added = addresses.compactMap { EgressSpec(address: $0) }
        state.withLock { $0.widened[run] = added }
    }
}
