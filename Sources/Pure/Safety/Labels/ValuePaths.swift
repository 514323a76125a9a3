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

    /// True if a path leads below this value.
    var goesOn: Bool { paths.contains { !$0.isEmpty } }

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
}
