package import InterlockModel

extension PeopleDirectory {
    /// Issues a token for a service account. One signature suffices, because the token grants read access only.
    ///
    /// - Parameter hash: the hash of the token.
    package mutating func issue(
        _ accepted: AcceptedPeopleOrder, hash: Digest, at now: Timestamp
    ) throws(PeopleRefusal) -> ServiceAccountToken {
        guard case .issueToken(let name, let role, let expires) = accepted.order.action else {
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

    /// Ends the token of a service account and forgets it; the log retains its records.
    package mutating func endToken(
        _ accepted: AcceptedPeopleOrder, at now: Timestamp
    ) throws(PeopleRefusal) -> ServiceAccountToken {
        guard case .endToken(let name) = accepted.order.action else { throw .order(.otherKind) }
        guard let token = services.values.first(where: { $0.name == name }) else {
            throw .noSuchService
        }
        try take(accepted.order, at: now)
        services[token.hash] = nil
        return token
    }

    /// The token of this hash if it is valid now: not expired, and its issuer may still issue tokens.
    package func service(_ hash: Digest, at now: Timestamp) -> ServiceAccountToken? {
        guard let token = services[hash], now < token.expires, mayIssue(token.issuer) else {
            return nil
        }
        return token
    }

    /// The valid tokens, by name.
    package func services(at now: Timestamp) -> [ServiceAccountToken] {
        services.keys.compactMap { service($0, at: now) }.sorted { $0.name < $1.name }
    }

    private func mayIssue(_ issuer: Pseudonym) -> Bool {
        person(issuer) != nil && trust.person(issuer)?.roles.contains(.security) == true
    }

    /// Removes tokens whose issuer has lost the role or every credential, so that regaining them does not revive the
    /// tokens.
    mutating func forgetServices() { services = services.filter { mayIssue($0.value.issuer) } }

    /// Removes the issuer's tokens issued up to `end`, for a replay of the log; later ones stay.
    mutating func forgetServices(of issuer: Pseudonym, until end: Timestamp) {
        services = services.filter { $0.value.issuer != issuer || end < $0.value.made }
    }
}
