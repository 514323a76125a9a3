package import InterlockPolicyCEL

/// A set of numbers: disjoint inclusive ranges in ascending order, on one grid.
package struct NumberSet: Hashable, Sendable {
    package let grid: NumberGrid
    package private(set) var ranges: [ClosedRange<Double>]

    static func all(_ grid: NumberGrid) -> NumberSet {
        NumberSet(grid: grid, ranges: [grid.lowest...grid.highest])
    }
    static func none(_ grid: NumberGrid) -> NumberSet { NumberSet(grid: grid, ranges: []) }

    /// The numbers for which `number comparison constant` is true.
    ///
    /// - Precondition: `comparison` is an ordering, an equality or an inequality.
    package init(_ grid: NumberGrid, _ comparison: CELOperator, _ constant: ConstantNumber) {
        switch comparison {
        case .less:
            let bound =
                constant.isExact
                ? grid.largest(below: constant.below) : grid.largest(atMost: constant.below)
            self.init(grid, from: grid.lowest, through: bound)
        case .lessEqual:
            self.init(grid, from: grid.lowest, through: grid.largest(atMost: constant.below))
        case .greater, .greaterEqual:
            let opposite: CELOperator = comparison == .greater ? .lessEqual : .less
            self = NumberSet(grid, opposite, constant).complement
        case .equal:
            let first = grid.smallest(atLeast: constant.above)
            self.init(grid, from: first, through: constant.isExact ? constant.below : nil)
        case .notEqual: self = NumberSet(grid, .equal, constant).complement
        default: preconditionFailure("no comparison")
        }
    }

    /// The numbers from `lower` through `upper`; empty if a bound is nil or `lower` exceeds `upper`.
    package init(_ grid: NumberGrid, from lower: Double?, through upper: Double?) {
        if let lower, let upper, lower <= upper {
            self.init(grid: grid, ranges: [lower...upper])
        } else {
            self.init(grid: grid, ranges: [])
        }
    }

    private init(grid: NumberGrid, ranges: [ClosedRange<Double>]) {
        self.grid = grid
        self.ranges = ranges
    }

    var isEmpty: Bool { ranges.isEmpty }
    package var isAll: Bool { self == .all(grid) }
    func contains(_ number: Double) -> Bool { ranges.contains { $0.contains(number) } }

    var complement: NumberSet {
        var result: [ClosedRange<Double>] = []
        var next: Double? = grid.lowest
        for range in ranges {
            if let from = next, let through = grid.largest(below: range.lowerBound),
                from <= through
            {
                result.append(from...through)
            }
            next = grid.smallest(above: range.upperBound)
        }
        if let from = next { result.append(from...grid.highest) }
        return NumberSet(grid: grid, ranges: result)
    }

    package func intersection(_ other: NumberSet) -> NumberSet {
        var result: [ClosedRange<Double>] = []
        for a in ranges {
            for b in other.ranges where a.overlaps(b) { result.append(a.clamped(to: b)) }
        }
        return NumberSet(grid: grid, ranges: result)
    }

    func union(_ other: NumberSet) -> NumberSet {
        complement.intersection(other.complement).complement
    }

    func isSubset(of other: NumberSet) -> Bool { intersection(other) == self }

    /// A simple element of the set: zero if it is contained, otherwise a whole number next to a bound,
    /// otherwise a short fraction such as 0.5. Is nil if the set is empty.
    var plainest: Double? {
        guard let range = ranges.first else { return nil }
        if contains(0) { return 0 }
        if let range = ranges.first(where: { $0.lowerBound > 0 }) {
            let whole = range.lowerBound.rounded(.up)
            return range.contains(whole) ? whole : shortestFraction(in: range)
        }
        let whole = range.upperBound.rounded(.down)
        return range.contains(whole) ? whole : shortestFraction(in: range)
    }

    /// The whole numbers of the set, on the same grid.
    package var wholeNumbers: NumberSet {
        let whole = NumberGrid.integer
        return NumberSet(
            grid: grid,
            ranges: ranges.compactMap { range in
                guard let lower = whole.smallest(atLeast: range.lowerBound),
                    let upper = whole.largest(atMost: range.upperBound), lower <= upper
                else { return nil }
                return lower...upper
            })
    }

}

/// The number with the fewest binary digits after the point in a range without whole numbers.
private func shortestFraction(in range: ClosedRange<Double>) -> Double {
    var step = 0.5
    while step > 0 {
        let candidate = (range.lowerBound / step).rounded(.up) * step
        if range.contains(candidate) { return candidate }
        step /= 2
    }
    return range.lowerBound
}
