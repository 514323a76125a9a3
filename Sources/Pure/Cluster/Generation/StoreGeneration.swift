package import InterlockJSON

/// The generation of the store: timeline and start time of PostgreSQL, as it returns them. It differs after each restart
/// and failover (docs/specs/cluster.md, section 3).
package struct StoreGeneration: Hashable, Sendable, CustomStringConvertible {
    package let text: ExactText

    package init(_ text: ExactText) { self.text = text }

    package var description: String { text.text }
}
