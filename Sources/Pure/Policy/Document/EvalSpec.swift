package import InterlockModel

/// The keys whose signatures count under results of evals and under release manifests (docs/specs/evals.md, sections 5
/// and 6).
package struct EvalSpec: Sendable {
    /// The keys that sign results, each once.
    package let signers: [EvalKey]
    /// The keys that sign release manifests, each once.
    package let attesters: [EvalKey]
    /// All people who hold one of these keys, each at its place in the policy.
    let holders: [Located<Person>]

    /// - Parameter value: nil if the policy states no keys; then no signature counts.
    init(_ value: TypedValue?, _ findings: inout Findings) {
        let signers = value?["signers"]
        let attesters = value?["attesters"]
        self.signers = Self.keys(signers, &findings)
        self.attesters = Self.keys(attesters, &findings)
        holders = ((signers?.items ?? []) + (attesters?.items ?? []))
            .flatMap { $0["held_by"]?.people ?? [] }
    }

    private static func keys(_ list: TypedValue?, _ findings: inout Findings) -> [EvalKey] {
        var keys: [EvalKey] = []
        for item in list?.items ?? [] {
            guard let written = item["key"], let text = written.text,
                let key = PublicKey(base64: String(text.dropFirst(8))),
                let holders = item["held_by"]
            else { continue }
            guard !keys.contains(where: { $0.key == key }) else {
                findings.add(.duplicateName, at: written, "eval: duplicate key `\(text)`")
                continue
            }
            keys.append(EvalKey(key: key, heldBy: Set(holders.people.map(\.value))))
        }
        return keys
    }
}
