import InterlockMCP

/// An address on this origin. Always a path, so no text can make it a scheme, a host or a script.
struct Link: Sendable, Hashable {
    let text: String

    /// - Parameters:
    ///   - segments: of any text. One that a browser would take for "here" or "one up", also when it is
    ///     encoded, becomes `-`, which is the name of nothing.
    ///   - query: pairs without a value are left out.
    init(_ segments: String..., query: [(name: StaticString, value: String?)] = []) {
        self.init(
            path: segments,
            query: query.compactMap { name, value in value.map { ("\(name)", $0) } })
    }

    /// - Parameter query: names of this program; both sides are encoded.
    init(path segments: [String], query: [(name: String, value: String)]) {
        let path = segments.map { segment in
            ["", ".", ".."].contains(segment) ? "-" : FormFields.encode(segment)
        }
        let pairs = query.map { "\(FormFields.encode($0.name))=\(FormFields.encode($0.value))" }
        text =
            "/" + path.joined(separator: "/")
            + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    private init(anchor: Anchor) { text = "#" + anchor.text }

    /// A place in the same page.
    static func to(_ anchor: Anchor) -> Link { Link(anchor: anchor) }
}
