/// The layout of a scalar's text in its file, as far as its style does not determine it. Positions inside
/// guards are computed from it.
package enum YAMLLayout: Sendable, Hashable {
    /// Each character is written as itself, or as `''` between single quotes.
    case verbatim
    /// The text between double quotes as written, with its escapes.
    case escaped(String)
    /// A literal block, with the number of columns by which each line is indented.
    case indented(Int)
}
