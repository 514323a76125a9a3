import InterlockPolicyCEL

/// A number in the text of a guard, bracketed by the two nearest doubles, equal if it is a double.
package struct ConstantNumber: Hashable, Sendable {
    /// The largest double that is not above the number.
    let below: Double
    /// The smallest double that is not below the number.
    let above: Double

    init(below: Double, above: Double) {
        self.below = below
        self.above = above
    }

    var isExact: Bool { below == above }

    /// Returns nil if the value is not a finite number.
    init?(_ value: CELValue) {
        switch value {
        case .int(let number): self.init(number)
        case .uint(let number): self.init(number)
        case .double(let number):
            guard number.isFinite else { return nil }
            self.init(below: number, above: number)
        default: return nil
        }
    }

    init(_ number: some FixedWidthInteger) {
        let nearest = Double(number)
        // A double near a 64-bit integer always fits in 128 bits.
        let back = Int128(exactly: nearest) ?? 0
        let exact = Int128(number)
        self.init(
            below: back <= exact ? nearest : nearest.nextDown,
            above: back >= exact ? nearest : nearest.nextUp)
    }
}
