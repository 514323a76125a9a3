import InterlockMCP
import InterlockModel

extension AuthorizationCodeFlow {
    /// As what the issuer knows this gateway: registered, by a document, by registering, in this order.
    ///
    /// - Returns: the client, where it comes from, and the secret that registering gave.
    func identify(
        _ configured: SignInClient, at issuer: IssuerMetadata, redirect: String,
        _ scopes: [String]
    ) async throws(KeyFailure) -> (
        client: OAuthClient, origin: StoredAuthorization.Origin, secret: String?
    ) {
        let client = { (id: String, method: OAuthClient.Method) in
            OAuthClient(
                issuer: configured.issuer, id: id, method: method, secret: configured.secret,
                kid: configured.kid, scopes: configured.scopes)
        }
        switch configured.identity {
        case .registered(let id): return (client(id, configured.method), .configured, nil)
        case .document(let url, _) where issuer.takesDocuments:
            return (client(url, configured.method), .configured, nil)
        case .document(_, orRegister: false):
            throw KeyFailure(
                .refused, "the issuer does not take clients by their document",
                help: "register there and name `client`, or set `register: true`")
        case .document, .register:
            let registered = try await register(
                ClientRegistration(
                    redirect: redirect, method: configured.method.rawValue, scopes: scopes),
                at: issuer)
            guard let method = OAuthClient.Method(rawValue: registered.method), method != .assertion
            else {
                throw KeyFailure(
                    .refused, "the issuer registers with a way of proving oneself that is not taken"
                )
            }
            return (
                client(registered.id, method), .registering(asking: configured.method),
                registered.secret
            )
        }
    }

    /// RFC 7591.
    private func register(
        _ registration: ClientRegistration, at issuer: IssuerMetadata
    ) async throws(KeyFailure) -> RegisteredClient {
        guard let url = issuer.registrationEndpoint else {
            throw KeyFailure(
                .refused, "the issuer registers nobody by itself",
                help: "register there and name `client`")
        }
        var message = OAuthMessage(url: url, form: nil, authorization: nil)
        message.json = registration.body
        switch await fetch(message) {
        case .failure(let failure): throw failure
        case .success(let reply):
            do throws(MetadataFault) {
                return try RegisteredClient(status: reply.status, reply.body)
            } catch {
                throw KeyFailure(.refused, "the issuer does not register this client: \(error)")
            }
        }
    }

    /// What the server says to a request without a credential; nil where that is nothing readable.
    func challenge(of resource: CanonicalURI) async -> BearerChallenge? {
        let message = OAuthMessage(url: resource.text, form: nil, authorization: nil)
        guard case .success(let reply) = await fetch(message), reply.status == 401 else {
            return nil
        }
        return reply.challenge.flatMap(BearerChallenge.init)
    }

    // MARK: signing out

    /// Removes what is kept, ends what waits for a browser, then asks the issuer to end it (RFC 7009). The
    /// issuer of a grant gets no proof by a secret that is configured for another.
    ///
    /// - Returns: whether the issuer says that it is over; nil where there was nothing, or it was not asked.
    package func forget(_ purpose: Purpose) async throws(KeyFailure) -> Bool? {
        let folder = tokens.grants.folder
        let grant = try? folder.read(purpose.holder)
        // Durable first: whatever the issuer says, it is used no more.
        try await offLoop { () throws(KeyFailure) in try folder.forget(purpose.holder) }
        end(of: purpose.holder)
        tokens.take(nil, for: purpose)
        guard let grant, grant.isProvable(for: purpose), case .good(let refresh) = grant.standing,
            let issuer = try? await tokens.discovery.issuer(grant.issuer, for: .code),
            let url = issuer.revocationEndpoint
        else { return nil }
        let reply = try? await tokens.endpoint.send(
            TokenRequest(revoking: refresh), to: url, as: grant.known(purpose.source),
            given: grant.secret, at: issuer)
        return reply?.status == 200
    }

    /// - Returns: what is kept for it, without a token; nil where nobody has signed in.
    package func grant(_ purpose: Purpose) throws(KeyFailure) -> StoredAuthorization? {
        try tokens.grants.folder.read(purpose.holder)
    }
}
