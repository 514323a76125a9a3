/// A number of a guard's text among the doubles: the two nearest, equal when it is one itself.
struct ConstantNumber: Hashable, Sendable {
    /// The largest double that is not above it.
    let below: Double
    /// The smallest double that is not below it.
    let above: Double

    init(below: Double, above: Double) {
        self.below = below
        self.above = above
    }

    var isExact: Bool { below == above }

    /// - Returns: nil for values that are no finite number.
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
        // Any double near an integer of 64 bits is within those of 128.
        let back = Int128(exactly: nearest) ?? 0
        let exact = Int128(number)
        self.init(
            below: back <= exact ? nearest : nearest.nextDown,
            above: back >= exact ? nearest : nearest.nextUp)
    }
}
