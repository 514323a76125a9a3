import InterlockJSON
package import InterlockModel
package import InterlockSafety

extension PolicySnapshot {
    /// Returns true if values of a class may be recorded alone at some argument of a tool.
    package func mayLower(_ secretClass: SecretClass, of address: ToolAddress) -> Bool {
        SecretClassSet.waivable.contains(secretClass)
            && (flow(of: address).accepted[secretClass] != nil
                || document.safety.waivers.contains {
                    $0.secretClass == secretClass && $0.isOf(address)
                })
    }

    /// Returns true if a value of a class is recorded alone at an argument of a tool: the tool's entry accepts the class
    /// there, or a waiver that counts names both.
    ///
    /// - Parameter names: the names of the members that lead to the value; nil if its place is not known.
    package func isLowered(
        _ secretClass: SecretClass, at names: [String]?, of address: ToolAddress,
        on now: Timestamp
    ) -> Bool {
        guard let names else { return false }
        let accepted = flow(of: address).accepted[secretClass] ?? []
        if accepted.contains(where: { $0.leads(to: names) }) { return true }
        return document.safety.waivers.contains {
            $0.secretClass == secretClass && $0.isOf(address) && $0.argument.leads(to: names)
                && $0.isLive(at: now)
        }
    }

    /// The waivers that count for the arguments of a tool, in words for people, in the order of the file.
    package func valueWaivers(of address: ToolAddress, at now: Timestamp) -> [String] {
        document.safety.waivers.filter { $0.isOf(address) && $0.isLive(at: now) }.map(\.words)
    }

    /// The classes that the policy itself says are denied in arguments.
    package var raisedInArguments: SecretClassSet { document.safety.denied }

    /// The classes whose values deny a call in its arguments. A coding agent edits tests, in which numbers are examples,
    /// so its own tools are denied for the classes alone that the policy raises.
    package func deniedClasses(of address: ToolAddress) -> SecretClassSet {
        let raised = document.safety.denied.intersection(.decided)
        return address.server == HostServer.name ? raised : raised.union(.numbers)
    }

    /// The classes whose values are replaced in what agents get, in addition to those that always are.
    ///
    /// - Parameter isOfHost: true for what a coding agent's own tools return.
    package func replacedClasses(isOfHost: Bool) -> SecretClassSet {
        let raised = document.safety.replaced.intersection(.decided)
        return isOfHost ? raised : raised.union(.numbers)
    }

    /// The classes of numbers that a tool takes at some argument.
    package func acceptedNumbers(of address: ToolAddress) -> SecretClassSet {
        SecretClassSet(of: Array(flow(of: address).accepted.keys))
    }

    /// The classes of numbers that a tool takes or returns anywhere.
    package func admittedNumbers(of address: ToolAddress) -> SecretClassSet {
        let flow = flow(of: address)
        return SecretClassSet(of: Array(flow.accepted.keys) + Array(flow.returned.keys))
    }

    /// The place of `safety`, or nil if the policy has none.
    var safetyPlace: PolicyLocation? { document.safety.place }
}

extension FieldPath {
    /// Returns true if the path leads to a value, or to what the value is a part of.
    ///
    /// - Parameter names: the names of the members that lead to the value.
    package func leads(to names: [String]) -> Bool {
        self.names.count <= names.count
            && zip(self.names, names).allSatisfy { sameBytes($0, $1) }
    }
}

extension SecretClassSet {
    /// The reason for which values of these classes deny a call; nil for no class.
    var reason: DecisionReason? {
        if isEmpty { return nil }
        return contains(.generic) ? .secretInArguments : .piiInArguments
    }
}
