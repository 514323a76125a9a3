/// The names of secrets that are marked as production: no run of kind `exploratory` holds one, or has a model whose key
/// is one (docs/specs/sandbox.md, section 3).
package struct ProductionSecrets: Sendable, Hashable {
    private let names: Set<[UInt8]>

    package init(_ names: [String] = []) { self.names = Set(names.map(Self.form)) }

    /// True for a marked name, also in other case, and with `_` for `-`: as variables they are the same.
    package func contains(_ name: String) -> Bool { names.contains(Self.form(name)) }

    /// Returns the part of a sandbox and the entry in it that make a marked secret available, or nil if none does. A key
    /// of a model counts: a run uses it without holding it.
    ///
    /// - Parameter secrets: those of the sandbox that the run gets.
    package func first(
        among secrets: [SandboxSecret], _ models: [ModelProviderSpec]
    ) -> Match? {
        if let secret = secrets.first(where: { contains($0.source) }) {
            return Match(entry: "secrets: `\(secret.name)`", from: secret.from)
        }
        return models.first { contains($0.source) }.map {
            Match(entry: "models: the key of `\($0.name)`", from: $0.key)
        }
    }

    /// A marked secret in a sandbox.
    package struct Match: Sendable, Hashable {
        /// The part of the sandbox, such as "secrets: `NPM_TOKEN`".
        package let entry: String
        /// The secret as the policy states it, such as `files:npm`.
        package let from: String
    }

    private static func form(_ name: String) -> [UInt8] {
        name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "_")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x20
            default: byte
            }
        }
    }
}
