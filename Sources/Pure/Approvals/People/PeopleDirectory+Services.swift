package import InterlockModel

extension PeopleDirectory {
    /// A token for a service. One signature: it reads no more than whoever signed may.
    ///
    /// - Parameter hash: of the token.
    package mutating func issue(
        _ accepted: AcceptedPeopleOrder, hash: Digest, at now: Timestamp
    ) throws(PeopleRefusal) -> ServiceAccountToken {
        guard case .issueToken(let name, let role, let expires) = accepted.order.deed else {
            throw .order(.otherKind)
        }
        guard now < expires, expires <= accepted.order.at + ServiceAccountToken.longestLife else {
            throw .unfitEnd
        }
        try take(accepted.order, at: now)
        services = services.filter { now < $0.value.expires }
        guard !services.values.contains(where: { $0.name == name }) else { throw .knownService }
        guard services.count < ServiceAccountToken.most else { throw .tooMany }
        let token = ServiceAccountToken(
            hash: hash, id: accepted.order.id, name: name, role: role, issuer: accepted.signer,
            made: now, expires: expires)
        services[hash] = token
        return token
    }

    /// The service's token counts no more, and is forgotten here; the log knows that there was one.
    package mutating func endToken(
        _ accepted: AcceptedPeopleOrder, at now: Timestamp
    ) throws(PeopleRefusal) -> ServiceAccountToken {
        guard case .endToken(let name) = accepted.order.deed else { throw .order(.otherKind) }
        guard let token = services.values.first(where: { $0.name == name }) else {
            throw .noSuchService
        }
        try take(accepted.order, at: now)
        services[token.hash] = nil
        return token
    }

    /// The token of this hash, if it counts now: for as long as it lasts, and as its issuer may issue tokens.
    package func service(_ hash: Digest, at now: Timestamp) -> ServiceAccountToken? {
        guard let token = services[hash], now < token.expires, mayIssue(token.issuer) else {
            return nil
        }
        return token
    }

    /// Those that count, by name.
    package func services(at now: Timestamp) -> [ServiceAccountToken] {
        services.keys.compactMap { service($0, at: now) }.sorted { $0.name < $1.name }
    }

    private func mayIssue(_ issuer: Pseudonym) -> Bool {
        person(issuer) != nil && trust.person(issuer)?.roles.contains(.security) == true
    }

    /// Tokens whose issuer has lost the role or every credential do not come back with either.
    mutating func forgetServices() {
        services = services.filter { mayIssue($0.value.issuer) }
    }

    /// The same, as the log tells it: what was issued later stays.
    mutating func forgetServices(of issuer: Pseudonym, until end: Timestamp) {
        services = services.filter { $0.value.issuer != issuer || end < $0.value.made }
    }
}
