package import InterlockEgress
package import InterlockPorts

/// Resolves names as the machine does, by getaddrinfo on threads of their own. The system follows aliases itself and
/// does not report their number.
package struct SystemEgressResolver: EgressResolver {
    package init() {}

    package func resolve(_ host: EgressHost) async throws(EgressRefusal) -> EgressAnswers {
        let found = await withCheckedContinuation { continuation in
            NameLookup.shared.find("\(host)", isForeign: true) {
                continuation.resume(returning: $0)
            }
        }
        guard !found.isEmpty else { throw EgressRefusal(.dnsFailure, "the name has no address") }
        return EgressAnswers(addresses: found.compactMap { IPAddress(bytes: $0.addressBytes) })
    }
}
