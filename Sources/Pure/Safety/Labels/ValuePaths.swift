/// Paths to values of a JSON document, each with all below it. A path leads through members of objects, and through
/// each element of lists.
package struct ValuePaths: Sendable, Hashable {
    package enum Comparison: Sendable, Hashable {
        /// Names are equal by their bytes.
        case exact
        /// Names that differ by case or Unicode form alone are equal, so that no other spelling leaves a path.
        case caseless
    }

    /// The names of members on each path, from the document down; in lower case if case does not count. An empty list
    /// means the value itself.
    private var paths: [[String]]
    private let comparison: Comparison

    package init(_ paths: [[String]], _ comparison: Comparison) {
        switch comparison {
        case .exact: self.paths = paths
        case .caseless: self.paths = paths.map { names in names.map { $0.lowercased() } }
        }
        self.comparison = comparison
    }

    package var isEmpty: Bool { paths.isEmpty }

    /// True if a path ends here.
    var isHere: Bool { paths.contains { $0.isEmpty } }

    /// True if a path leads below this value.
    var leadsBelow: Bool { paths.contains { !$0.isEmpty } }

    /// Returns the rests of the paths below a member of this name.
    func below(_ name: String) -> ValuePaths {
        var rests = self
        rests.paths = []
        guard leadsBelow else { return rests }
        switch comparison {
        case .exact:
            for path in paths where path.first.map({ $0.utf8.elementsEqual(name.utf8) }) ?? false {
                rests.paths.append(Array(path.dropFirst()))
            }
        case .caseless:
            // The standard library compares texts by canonical equivalence.
            let name = name.lowercased()
            for path in paths where path.first == name {
                rests.paths.append(Array(path.dropFirst()))
            }
        }
        return rests
    }
}
