/// A set of inputs: the union of cubes (disjunctive normal form).
package struct Region: Hashable, Sendable {
    /// The maximum number of cubes. Beyond it, a question is left open (docs/specs/policy.md, section 8.1).
    static let mostCubes = 4_096
    /// The number of cubes up to which all pairs are compared, to remove those that another cube covers.
    private static let mostCompared = 128

    package private(set) var cubes: [Cube]

    package static let nothing = Region(cubes: [])
    package static let everything = Region(cubes: [.everything])

    private init(cubes: [Cube]) { self.cubes = cubes }

    /// - Parameter cubes: the cubes; a nil element is the empty set.
    package init(_ cubes: [Cube?]) { self.cubes = cubes.compactMap { $0 } }

    package var isNothing: Bool { cubes.isEmpty }
    func contains(_ input: CallInput) -> Bool { cubes.contains { $0.contains(input) } }

    package func union(_ other: Region) throws(AnalysisLimit) -> Region {
        try Region.simplified(cubes + other.cubes)
    }

    package func intersection(_ other: Region) throws(AnalysisLimit) -> Region {
        var seen: Set<Cube> = []
        var result: [Cube] = []
        for a in cubes {
            for b in other.cubes {
                guard let both = a.intersection(b), seen.insert(both).inserted else { continue }
                result.append(both)
                guard result.count <= Region.mostCubes else { throw .tooManyCubes }
            }
        }
        return try Region.simplified(result)
    }

    private static func simplified(_ cubes: [Cube]) throws(AnalysisLimit) -> Region {
        var seen: Set<Cube> = []
        var distinct = cubes.filter { seen.insert($0).inserted }
        if distinct.count > 1, distinct.count <= mostCompared {
            var kept: [Cube] = []
            for (place, cube) in distinct.enumerated() {
                let isCovered =
                    kept.contains { cube.isSubset(of: $0) }
                    || distinct[(place + 1)...].contains { other in
                        cube.isSubset(of: other) && !other.isSubset(of: cube)
                    }
                if !isCovered { kept.append(cube) }
            }
            distinct = kept
        }
        guard distinct.count <= mostCubes else { throw .tooManyCubes }
        return Region(cubes: distinct)
    }
}
