import InterlockJSON

/// A dotted path to fields of a JSON value. It passes through arrays, so `items.iban` means the `iban` of
/// every item (docs/specs/policy.md, section 3).
package struct FieldPath: Sendable, Hashable, Comparable {
    package let names: [String]

    /// - Parameter text: a path in the schema's form: at least one name, and no empty one.
    package init(_ text: String) { names = text.split(separator: ".").map(String.init) }

    private init(names: [String]) { self.names = names }

    package var text: String { names.joined(separator: ".") }

    package static func < (a: FieldPath, b: FieldPath) -> Bool {
        a.names.lexicographicallyPrecedes(b.names)
    }

    /// The path that both paths keep: the longer one if the other leads to it, otherwise nil.
    func intersection(_ other: FieldPath) -> FieldPath? {
        let (short, long) = names.count <= other.names.count ? (self, other) : (other, self)
        return zip(long.names, short.names).allSatisfy { sameBytes($0, $1) } ? long : nil
    }

    /// The path below its first name.
    var rest: FieldPath { FieldPath(names: Array(names.dropFirst())) }

    /// The rest of the path below a field of this name, or nil if the path leads elsewhere.
    func below(_ name: String) -> FieldPath? {
        guard let first = names.first, sameBytes(first, name) else { return nil }
        return rest
    }

    /// True if the path has ended, so that it means the value itself.
    var isHere: Bool { names.isEmpty }
}
