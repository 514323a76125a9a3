import InterlockJSON
import InterlockModel

/// The name of a node of the cluster, for instance `gw1`: `[a-z0-9][a-z0-9-]{0,62}`. It is the last part of the node's
/// SPIFFE id and the name of its login at the store.
package struct NodeName: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let name: ExactText
    package var text: String { name.text }

    package init?(_ text: String) {
        guard isLowerName(text) else { return nil }
        name = ExactText(text)
    }

    package var description: String { text }
    package static func < (a: NodeName, b: NodeName) -> Bool { a.name < b.name }
}

extension StrictFields {
    func node(_ key: String) throws(FormError) -> NodeName {
        try made(key, "the name of a node") { NodeName($0) }
    }
}

/// The number of a node's membership, from 1. It rises at each start of the node and when the node is expelled, so that
/// messages of an earlier process are recognised.
package struct Incarnation: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: Int64

    /// - Returns: nil below 1 and above the largest integer of JSON.
    package init?(_ number: Int64) {
        guard (1...JSONValue.largestInteger).contains(number) else { return nil }
        self.number = number
    }

    private init(unchecked number: Int64) { self.number = number }

    package static let first = Incarnation(unchecked: 1)
    package var next: Incarnation { Incarnation(unchecked: number + 1) }
    package var description: String { "\(number)" }
    package static func < (a: Incarnation, b: Incarnation) -> Bool { a.number < b.number }
}
