import InterlockJSON
package import InterlockPolicy

/// The unit in which a limit sums up an argument, by the entry of the tool.
package struct LimitUnit: Sendable {
    /// The argument and its unit, such as `amount_cents in minor units of args.currency`.
    package let sentence: String
    private let argument: ArgumentPath
    private let units: ConditionUnits

    /// Returns nil if the limit counts calls, or the tool declares no unit for the argument.
    package init?(of limit: LimitUse, in policy: PolicySnapshot) {
        guard let sum = limit.sum, let units = ConditionUnits(policy, of: sum.tool),
            let unit = units.units[sum.argument]
        else { return nil }
        sentence = unit.sentence
        argument = sum.argument
        self.units = units
    }

    /// The sum in its unit; nil if the reviewed schema permits calls of several currencies.
    package func text(of sum: Int64) -> String? {
        units.fixedText(of: .integer(sum), for: argument)
    }
}
