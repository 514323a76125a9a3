package import InterlockJSON

/// An argument of a review's call as people read it, by the units that the policy declares.
package struct ReviewedAmount: Hashable, Sendable {
    /// The path below `args`.
    package let argument: String
    /// The number as it is sent, or nil if the argument is no number.
    package let raw: JSONValue?
    /// The number in its unit, or nil if it does not fit it.
    package let shown: String?
    /// The reason why there is no `shown`.
    package let reason: String?

    /// The form of lists: the number is text, because it may have a fraction.
    package var json: JSONValue {
        var object: JSONObject = ["argument": .string(argument)]
        object["raw"] = raw.map { .string(String(decoding: $0.serialized(), as: UTF8.self)) }
        object["shown"] = shown.map { .string($0) }
        object["reason"] = reason.map { .string($0) }
        return .object(object)
    }
}

extension ReviewFacts {
    /// The name of the fact with the amounts.
    package static let amounts = "amounts"
    /// The most arguments that are named as numbers without a unit.
    package static let mostUndeclared = 32

    /// The amounts of a review, by argument.
    package static func amounts(in facts: JSONValue) -> [ReviewedAmount] {
        (facts[amounts]?.object?.members ?? []).map { name, value in
            ReviewedAmount(
                argument: name, raw: value["raw"], shown: value["shown"]?.string,
                reason: value["reason"]?.string)
        }
    }

    /// The arguments that are numbers for which no unit is declared: members of objects, not elements of lists.
    package static func undeclared(in arguments: JSONValue, _ facts: JSONValue) -> [String] {
        let declared = Set(amounts(in: facts).map(\.argument))
        var found: [String] = []
        collect(arguments, at: "", &found)
        return found.filter { !declared.contains($0) }
    }

    private static func collect(_ value: JSONValue, at path: String, _ found: inout [String]) {
        guard found.count < mostUndeclared else { return }
        switch value {
        case .integer, .number: if !path.isEmpty { found.append(path) }
        case .object(let object):
            for (key, member) in object.members {
                collect(member, at: path.isEmpty ? key : "\(path).\(key)", &found)
            }
        case .null, .bool, .string, .array: break
        }
    }
}

extension ReviewDocument {
    /// Returns true if these are the amounts of the review, by their canonical form.
    package func hasAmounts(_ amounts: JSONValue?) -> Bool {
        let own = try? facts[ReviewFacts.amounts]?.canonical()
        let other = try? amounts?.canonical()
        return own == other
    }
}
