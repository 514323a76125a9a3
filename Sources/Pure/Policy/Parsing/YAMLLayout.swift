/// How a scalar's text lies in its file, as far as its style does not say; positions inside of guards
/// come from it.
package enum YAMLLayout: Sendable, Hashable {
    /// Each character stands for itself, or as `''` between single quotes.
    case verbatim
    /// Between double quotes, with escapes: what stands there.
    case escaped(String)
    /// A literal block: the columns that each line is indented by.
    case indented(Int)
}
