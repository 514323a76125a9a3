import InterlockMCP

/// An address on this origin. It is always a path, so no text can turn it into a scheme, a host or a script.
package struct Link: Sendable, Hashable {
    package let text: String

    /// - Parameters:
    ///   - segments: texts of any origin. A segment that browsers would resolve as "here" or "one up", even if encoded,
    /// becomes `-`, which names nothing.
    ///   - query: pairs with a nil value are omitted.
    package init(_ segments: String..., query: [(name: StaticString, value: String?)] = []) {
        self.init(
            path: segments,
            query: query.compactMap { name, value in value.map { ("\(name)", $0) } })
    }

    /// - Parameter query: names and values; both are encoded.
    package init(path segments: [String], query: [(name: String, value: String)]) {
        let path = segments.map { segment in
            ["", ".", ".."].contains(segment) ? "-" : FormFields.encode(segment)
        }
        let pairs = query.map { "\(FormFields.encode($0.name))=\(FormFields.encode($0.value))" }
        text =
            "/" + path.joined(separator: "/")
            + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    private init(anchor: Anchor) { text = "#" + anchor.text }

    /// Returns a link to an element of the same page.
    package static func to(_ anchor: Anchor) -> Link { Link(anchor: anchor) }
}
