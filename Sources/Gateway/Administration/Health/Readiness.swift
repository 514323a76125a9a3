import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A component that decides about calls and cannot do so now. While there is one, this node is not ready.
package struct UnreadyComponent: Sendable, Equatable, CustomStringConvertible {
    package enum Part: String, Sendable, CaseIterable {
        case policy, ledger, limits, halts, store
    }
    package let part: Part
    package let reason: String

    package var description: String { "\(part.rawValue): \(reason)" }
}

extension Gateway {
    /// The components that would now refuse a call that the policy allows, for any caller.
    package var unsound: [UnreadyComponent] {
        var found: [UnreadyComponent] = []
        func add(_ part: UnreadyComponent.Part, _ reason: String) {
            found.append(UnreadyComponent(part: part, reason: reason))
        }
        let snapshot = policy.snapshot
        if let problem = snapshot.lockProblem { add(.policy, "no server is offered: \(problem)") }
        if let code = ledger.status.refusing { add(.ledger, "it takes no permits: \(code)") }
        if logWatch.isStill { add(.ledger, "it has not grown for three beats") }
        if limits.isUncounted { add(.limits, "not counted yet for the policy in force") }
        let active = halts.halts
        if let halt = active.halt(of: .org) {
            // Includes only the reason of a node's own halt; the text of a person's order is shown to people only.
            add(
                .halts,
                "the organisation is halted by \(halt.id)" + (halt.local ? ": \(halt.reason)" : ""))
        }
        if let reason = storeWatch.reason { add(.store, reason) }
        return found
    }
}
