package import InterlockLedger

/// Which witnesses are asked at once, for the calls that wait for them, besides on the beat: their
/// names, one a line, in a file of their own beside the trust file, whose form has no room for it. As a
/// witness, this node lets the logs of those peers ask at any pace; an origin may stand here too.
package struct ImmediateWitnessList: Hashable, Sendable {
    private var names: [String] = []

    package static let maximumBytes = 16 << 10

    package init() {}

    /// Skips empty lines and those that begin with `#`. What names nothing has no effect.
    package init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.maximumBytes,
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        names = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    package var text: String { names.map { $0 + "\n" }.joined() }

    package func has(_ witness: TrustPolicy.Witness) -> Bool {
        names.contains { TrustName($0) == witness.name }
    }

    /// Whether the log of this origin may ask at any pace: it is named, or it is the log of the node
    /// whose witness is. A node's witness key is named after the node: the origin without its epoch.
    package func admits(origin: String, of policy: TrustPolicy) -> Bool {
        if names.contains(origin) { return true }
        let node = Self.node(of: origin)
        return policy.witnesses.contains { $0.key.name == node && has($0) }
    }

    package mutating func set(_ name: TrustName, _ isMarked: Bool) {
        names.removeAll { TrustName($0) == name }
        if isMarked { names.append(name.description) }
    }

    /// `<domain>/<node>` of `<domain>/<node>/<epoch>`: the name of the node's witness key.
    package static func node(of origin: String) -> String {
        guard let slash = origin.lastIndex(of: "/"), origin[..<slash].contains("/") else {
            return origin
        }
        return String(origin[..<slash])
    }
}
