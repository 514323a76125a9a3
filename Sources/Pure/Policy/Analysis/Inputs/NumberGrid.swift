import InterlockJSON

/// The numbers that can occur at a location. Every number of a decided call is a finite double, because
/// integers outside ±(2^53 - 1) are rejected earlier; bounds are therefore inclusive and exact.
package struct NumberGrid: Hashable, Sendable {
    let isInteger: Bool
    package let lowest: Double
    package let highest: Double

    /// `number` of a schema, and locations that no schema describes.
    static let real = NumberGrid(
        isInteger: false, lowest: -.greatestFiniteMagnitude, highest: .greatestFiniteMagnitude)
    /// `integer` of a schema.
    static let integer = NumberGrid(
        isInteger: true, lowest: -Double(JSONValue.largestInteger),
        highest: Double(JSONValue.largestInteger))
    /// Sizes of strings, lists and maps.
    static let count = NumberGrid(
        isInteger: true, lowest: 0, highest: Double(JSONValue.largestInteger))
    /// Milliseconds since 1970 in the years 1 to 9999; `now` has no finer parts.
    package static let time = NumberGrid(
        isInteger: true, lowest: -62_135_596_800_000, highest: 253_402_300_799_999)

    /// Returns nil if the grid has no such number.
    func largest(atMost bound: Double) -> Double? {
        let value = min(isInteger ? bound.rounded(.down) : bound, highest)
        return value >= lowest ? value : nil
    }

    func smallest(atLeast bound: Double) -> Double? {
        let value = max(isInteger ? bound.rounded(.up) : bound, lowest)
        return value <= highest ? value : nil
    }

    func largest(below bound: Double) -> Double? {
        if isInteger, bound.rounded(.down) == bound { return largest(atMost: bound - 1) }
        return largest(atMost: isInteger ? bound : bound.nextDown)
    }

    func smallest(above bound: Double) -> Double? {
        if isInteger, bound.rounded(.up) == bound { return smallest(atLeast: bound + 1) }
        return smallest(atLeast: isInteger ? bound : bound.nextUp)
    }
}
