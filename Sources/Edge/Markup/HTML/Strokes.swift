/// The path of a drawing, made of numbers alone.
package struct Strokes: Sendable, Hashable {
    package let path: String

    private init(path: String) { self.path = path }

    package static func box(x: Int, y: Int, width: Int, height: Int) -> Strokes {
        Strokes(path: "M\(x) \(y)h\(width)v\(height)h-\(width)z")
    }

    /// A line from left to right that ends level at another height.
    ///
    /// - Parameters:
    ///   - bend: where the line leaves its first height.
    ///   - end: where it has reached its second one.
    package static func wire(from x: Int, _ y: Int, bend: Int, end: Int, _ endY: Int, to right: Int)
        -> Strokes
    {
        let middle = (bend + end) / 2
        return Strokes(
            path: "M\(x) \(y)H\(bend)C\(middle) \(y) \(middle) \(endY) \(end) \(endY)H\(right)")
    }

    /// A tip that points to the right.
    package static func tip(x: Int, y: Int) -> Strokes {
        Strokes(path: "M\(x - 7) \(y - 4)L\(x) \(y)L\(x - 7) \(y + 4)")
    }

    package static func line(x: Int, y: Int, length: Int) -> Strokes {
        Strokes(path: "M\(x) \(y)h\(length)")
    }
}
