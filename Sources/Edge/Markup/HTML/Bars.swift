/// Vertical bars on one line, made of numbers alone.
package struct Bars: Sendable, Hashable {
    private(set) var path = ""

    package init() {}

    /// - Parameters:
    ///   - x: the left edge.
    ///   - bottom: the lower edge; larger numbers are further down.
    package mutating func add(x: Int, bottom: Int, height: Int, width: Int = 1) {
        guard height > 0, width > 0 else { return }
        path += "M\(x) \(bottom)v-\(height)h\(width)v\(height)z"
    }
}
