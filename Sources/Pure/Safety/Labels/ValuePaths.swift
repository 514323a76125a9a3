package import InterlockJSON

/// Paths to values of a JSON document, each with all below it. A path leads through members of objects, and through
/// each element of lists.
package struct ValuePaths: Sendable, Hashable {
    package enum Comparison: Sendable, Hashable {
        /// Names are equal by their bytes.
        case exact
        /// Names that differ by case or Unicode form alone are equal, so that no other spelling leaves a path.
        case caseless
    }

    /// The names of members on each path, from the document down. An empty list means the value itself.
    private var paths: [[String]]
    private let comparison: Comparison

    package init(_ paths: [[String]], _ comparison: Comparison) {
        self.paths = paths
        self.comparison = comparison
    }

    package var isEmpty: Bool { paths.isEmpty }

    /// True if a path ends here.
    var isHere: Bool { paths.contains { $0.isEmpty } }

    /// Returns the rests of the paths below a member of this name.
    func below(_ name: String) -> ValuePaths {
        var rests = self
        rests.paths = []
        for path in paths {
            if let first = path.first, isEqual(first, name) {
                rests.paths.append(Array(path.dropFirst()))
            }
        }
        return rests
    }

    private func isEqual(_ a: String, _ b: String) -> Bool {
        switch comparison {
        case .exact: a.utf8.elementsEqual(b.utf8)
        // The standard library compares texts by canonical equivalence.
        case .caseless: a.lowercased() == b.lowercased()
        }
    }

    /// Splits a document into the values at the paths, and the document without them.
    package func split(_ document: JSONValue) -> (inside: [JSONValue], outside: JSONValue) {
        var inside: [JSONValue] = []
        let outside = split(document, &inside)
        return (inside, outside ?? .null)
    }

    /// Returns nil for a value that a path leads to; it is then in `inside`.
    private func split(_ value: JSONValue, _ inside: inout [JSONValue]) -> JSONValue? {
        if isEmpty { return value }
        if isHere {
            inside.append(value)
            return nil
        }
        switch value {
        case .array(let items):
            var rest: [JSONValue] = []
            for item in items {
                if let left = split(item, &inside) { rest.append(left) }
            }
            return .array(rest)
        case .object(let object):
            var rest: [(key: String, value: JSONValue)] = []
            for (name, value) in object.members {
                if let left = below(name).split(value, &inside) { rest.append((name, left)) }
            }
            return .object(JSONObject(distinct: rest))
        case .null, .bool, .integer, .number, .string: return value
        }
    }
}
