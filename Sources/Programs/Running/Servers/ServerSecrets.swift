package import InterlockCredentials
package import InterlockPolicy

/// The values of the secrets of stdio servers' children, obtained once for each policy that is applied, from the source
/// that the policy names and no other (docs/specs/sandbox.md, sections 8 and 14). They are kept in memory alone.
package struct ServerSecrets: Sendable {
    private var found: [SecretReference: Result<String, KeyFailure>] = [:]

    /// Makes a value without any secret.
    init() {}

    /// Asks for every secret at the same time, so a program of `secrets.commands` that is slow delays the others by no
    /// more than its own limit. A secret of several servers is asked for once.
    package init(_ references: Set<SecretReference>, from provider: SecretProvider) async {
        found = await withTaskGroup(
            of: (SecretReference, Result<String, KeyFailure>).self
        ) { group in
            for reference in references {
                group.addTask {
                    do throws(KeyFailure) {
                        return (
                            reference,
                            .success(
                                try await provider.secret(
                                    named: reference.name, in: reference.source))
                        )
                    } catch { return (reference, .failure(error)) }
                }
            }
            var found: [SecretReference: Result<String, KeyFailure>] = [:]
            for await (reference, result) in group { found[reference] = result }
            return found
        }
    }

    /// These secrets and those of `other`, which count where both have one.
    package func merging(_ other: ServerSecrets) -> ServerSecrets {
        var merged = self
        merged.found.merge(other.found) { _, new in new }
        return merged
    }

    /// The secrets among `references` that were obtained; failures are left out.
    func obtained(of references: Set<SecretReference>) -> ServerSecrets {
        var kept = ServerSecrets()
        kept.found = found.filter { reference, result in
            guard references.contains(reference), case .success = result else { return false }
            return true
        }
        return kept
    }

    /// Returns true if every secret of a child was asked for. One that its source did not give counts too: nothing more
    /// comes from there.
    package func isComplete(for child: ServerVariables) -> Bool {
        child.references.allSatisfy { found[$0] != nil }
    }

    /// The values of a child's variables, by name.
    ///
    /// - Throws: the failure of one of them, which names the secret and never a value.
    package func variables(_ child: ServerVariables) throws(KeyFailure) -> [String: String] {
        try values(of: child.secrets)
    }

    /// The content of a child's `/run/secrets/NAME`, by name.
    ///
    /// - Throws: as `variables`.
    package func files(_ child: ServerVariables) throws(KeyFailure) -> [String: [UInt8]] {
        try values(of: child.files).mapValues { Array($0.utf8) }
    }

    /// All values that a child has, which no line of its errors may show; sorted.
    package func values(_ child: ServerVariables) -> [String] {
        child.references.compactMap { try? found[$0]?.get() }.sorted()
    }

    private func values(
        of references: [String: SecretReference]
    ) throws(KeyFailure) -> [String: String] {
        var values: [String: String] = [:]
        // The order is kept, so that the same failure is reported each time.
        for (name, reference) in references.sorted(by: { $0.key < $1.key }) {
            guard let result = found[reference] else {
                throw KeyFailure(.missing, "secret `\(reference.name)` was not asked for")
            }
            values[name] = try result.get()
        }
        return values
    }
}
