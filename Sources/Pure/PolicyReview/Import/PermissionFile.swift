import InterlockJSON

/// The permission rules of one `settings.json` of Claude Code. The file is input from outside: anyone who can write to the
/// project can write it.
package struct PermissionFile: Sendable {
    /// The rules in the order of the file, as they are written.
    package let rules: [(effect: PermissionRule.Effect, text: String)]
    /// The other members of `permissions`, sorted, and entries that are not texts: none of them is a rule.
    package let others: [String]

    /// The size of a file, in bytes.
    package static let largest = 1 << 20
    /// The rules of a file.
    package static let mostRules = 500

    private static let limits = JSONLimits(
        depth: 64, bytes: largest, values: 100_000, members: 10_000, largeIntegers: .keep)

    /// A file without `permissions` has no rules.
    package init(_ bytes: [UInt8]) throws(PermissionFileError) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes, limits: Self.limits) } catch {
            throw .json
        }
        guard let file = value.object else { throw .notAnObject }
        var rules: [(effect: PermissionRule.Effect, text: String)] = []
        var others: [String] = []
        if let permissions = file["permissions"] {
            guard let lists = permissions.object else { throw .wrongType("permissions") }
            for (key, value) in lists.members.sorted(by: { $0.key < $1.key }) {
                guard let effect = PermissionRule.Effect(rawValue: key) else {
                    others.append(key)
                    continue
                }
                guard let list = value.array else { throw .wrongType("permissions.\(key)") }
                for (place, entry) in list.enumerated() {
                    if let text = entry.string {
                        rules.append((effect, text))
                    } else {
                        others.append("\(key)[\(place)]")
                    }
                }
            }
        }
        guard rules.count <= Self.mostRules else { throw .tooManyRules }
        self.rules = rules
        self.others = others
    }
}

package enum PermissionFileError: Error, Hashable {
    /// Not JSON, with a duplicate key, or beyond the bounds.
    case json
    case notAnObject
    /// A member that Claude Code does not read as a list of rules.
    case wrongType(String)
    case tooManyRules

    package var message: String {
        switch self {
        case .json: "expected JSON of at most 1 MiB, without duplicate keys"
        case .notAnObject: "expected a JSON object"
        case .wrongType(let member): "`\(member)` has another type than Claude Code reads"
        case .tooManyRules: "more than \(PermissionFile.mostRules) permission rules"
        }
    }
}
