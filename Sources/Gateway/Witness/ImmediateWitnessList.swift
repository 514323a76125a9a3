package import InterlockLedger

/// The witnesses that are asked at once for calls that wait for them, besides on each beat. Their names are in a file
/// of their own, one a line, because the form of the trust policy has no field for them. As a witness, this node lets
/// the logs of those peers ask at any rate; the file may also name an origin.
package struct ImmediateWitnessList: Hashable, Sendable {
    private var names: [String] = []

    package static let maximumBytes = 16 << 10

    package init() {}

    /// Skips empty lines and those that begin with `#`. A name that matches nothing has no effect. Returns nil if the
    /// bytes are too many or not UTF-8.
    package init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.maximumBytes, let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        names = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    package var text: String { names.map { $0 + "\n" }.joined() }

    package func has(_ witness: TrustPolicy.Witness) -> Bool {
        names.contains { TrustName($0) == witness.name }
    }

    /// Returns true if the log of this origin may ask at any rate: the list names the origin, or the witness of its
    /// node. A node's witness key is named after the node: the origin without its epoch.
    package func admits(origin: String, of policy: TrustPolicy) -> Bool {
        if names.contains(origin) { return true }
        let node = Self.node(of: origin)
        return policy.witnesses.contains { $0.key.name == node && has($0) }
    }

    package mutating func set(_ name: TrustName, _ isMarked: Bool) {
        names.removeAll { TrustName($0) == name }
        if isMarked { names.append(name.description) }
    }

    /// Returns `<domain>/<node>` of `<domain>/<node>/<epoch>`: the name of the node's witness key.
    package static func node(of origin: String) -> String {
        guard let slash = origin.lastIndex(of: "/"), origin[..<slash].contains("/") else {
            return origin
        }
        return String(origin[..<slash])
    }
}
