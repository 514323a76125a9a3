/// A dotted path to fields of a JSON value; it passes through arrays, so `items.iban` means the `iban`
/// of every item (specs of the policy, section 3).
package struct FieldPath: Sendable, Hashable, Comparable {
    package let names: [String]

    /// - Parameter text: of the schema's form: at least one name, none empty.
    package init(_ text: String) { names = text.split(separator: ".").map(String.init) }

    private init(names: [String]) { self.names = names }

    package var text: String { names.joined(separator: ".") }

    package static func < (a: FieldPath, b: FieldPath) -> Bool {
        a.names.lexicographicallyPrecedes(b.names)
    }

    /// What both paths keep: the longer one, if the other leads to it.
    func intersection(_ other: FieldPath) -> FieldPath? {
        let (short, long) = names.count <= other.names.count ? (self, other) : (other, self)
        return long.names.starts(with: short.names) ? long : nil
    }

    /// What is left below a field of this name; nil where the path leads elsewhere.
    func below(_ name: String) -> FieldPath? {
        names.first == name ? FieldPath(names: Array(names.dropFirst())) : nil
    }

    /// The path has arrived: it means the value itself.
    var isHere: Bool { names.isEmpty }
}
