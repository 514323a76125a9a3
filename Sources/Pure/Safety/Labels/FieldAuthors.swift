package import InterlockJSON

/// The fields of a structured result whose authors differ from those of the rest. The longest path that leads to a value
/// decides about it; untrusted wins if both lists have the same path.
package struct FieldAuthors: Sendable, Hashable {
    private let trusted: ValuePaths
    private let untrusted: ValuePaths

    /// - Parameters:
    ///   - trusted: the names on each path; only these names lead to a trusted field.
    ///   - untrusted: the names on each path; names that differ by case alone lead there too.
    package init(trusted: [[String]], untrusted: [[String]]) {
        self.trusted = ValuePaths(trusted, .exact)
        self.untrusted = ValuePaths(untrusted, .caseless)
    }

    package var hasUntrusted: Bool { !untrusted.isEmpty }
    package var isEmpty: Bool { trusted.isEmpty && untrusted.isEmpty }

    /// The values of a result, with the names of its members, by their authors.
    package struct Split: Sendable {
        package private(set) var trusted: [JSONValue]
        package private(set) var untrusted: [JSONValue]

        package init(trusted: [JSONValue] = [], untrusted: [JSONValue] = []) {
            (self.trusted, self.untrusted) = (trusted, untrusted)
        }

        package static func + (a: Split, b: Split) -> Split {
            Split(trusted: a.trusted + b.trusted, untrusted: a.untrusted + b.untrusted)
        }

        fileprivate mutating func add(_ value: JSONValue, isTrusted: Bool) {
            if isTrusted { trusted.append(value) } else { untrusted.append(value) }
        }
    }

    /// - Parameter isTrusted: the author of the fields that neither list has.
    package func split(_ document: JSONValue, isTrusted: Bool) -> Split {
        var split = Split()
        Self.walk(document, trusted, untrusted, isTrusted, &split)
        return split
    }

    private static func walk(
        _ value: JSONValue, _ trusted: ValuePaths, _ untrusted: ValuePaths, _ isTrusted: Bool,
        _ split: inout Split
    ) {
        let isTrusted = !untrusted.isHere && (trusted.isHere || isTrusted)
        guard trusted.leadsBelow || untrusted.leadsBelow else {
            return split.add(value, isTrusted: isTrusted)
        }
        switch value {
        case .null, .bool, .integer, .number, .string: split.add(value, isTrusted: isTrusted)
        case .array(let items):
            for item in items { walk(item, trusted, untrusted, isTrusted, &split) }
        case .object(let object):
            for (name, value) in object.members {
                split.add(.string(name), isTrusted: isTrusted)
                walk(value, trusted.below(name), untrusted.below(name), isTrusted, &split)
            }
        }
    }
}
