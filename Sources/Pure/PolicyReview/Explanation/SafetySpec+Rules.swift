import InterlockModel
import InterlockPolicy
import InterlockSafety

extension SafetySpec {
    /// The classes that the policy raises, and the values that it lets tools take.
    var rules: [EffectiveRule] {
        denied.union(replaced).classes.map(raised) + waivers.map(\.rule)
    }

    private func raised(_ secretClass: SecretClass) -> EffectiveRule {
        var places: [String] = []
        if denied.contains(secretClass) { places.append("denied in arguments") }
        if replaced.contains(secretClass) { places.append("replaced in results") }
        let (name, words) = (secretClass.rawValue, places.joined(separator: " and "))
        return EffectiveRule(
            .control, "safety.classes.\(name)", name, words, place,
            sentence: "Values of class \(name) are \(words), also of a coding agent's own tools")
    }
}

extension ValueWaiver {
    fileprivate var rule: EffectiveRule {
        let name = secretClass.rawValue
        return EffectiveRule(
            .waiver, "safety.waivers.\(tool.value).\(argument.text).\(name)", name,
            "in \(argument.text) of \(tool.value), by \(owner.value), until \(until.text)", place,
            sentence:
                "\(tool.value) may have \(name) in \(argument.text), by \(owner.value), until "
                + until.text)
    }
}
