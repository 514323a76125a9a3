import InterlockJSON
import InterlockMCP
import InterlockModel

extension AuthorizationCodeFlow {
    /// Determines the identity by which the issuer knows this gateway, in this order of preference: a configured
    /// client, a client document, dynamic registration.
    ///
    /// - Returns: the client, its origin, and the secret that registration issued.
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

    /// Registers the client dynamically (RFC 7591).
    private func register(
        _ registration: ClientRegistration, at issuer: IssuerMetadata
    ) async throws(KeyFailure) -> RegisteredClient {
        guard let url = issuer.registrationEndpoint else {
            throw KeyFailure(
                .refused, "the issuer does not register clients dynamically",
                help: "register there and name `client`")
        }
        var message = OAuthMessage(url: url, form: nil, authorization: nil)
        message.json = registration.body
        let reply = try await fetch(message).get()
        do throws(MetadataFault) {
            return try RegisteredClient(
                status: reply.status, reply.body, asked: registration.method)
        } catch {
            throw KeyFailure(.refused, "the issuer does not register this client: \(error)")
        }
    }

    /// Returns the challenge in the server's 401 response to a message without a credential, or nil if the response
    /// is not a 401 with a valid challenge. A server may answer messages alone that way (docs/specs/mcp.md, section
    /// 8.2), so the request is a `ping`, which has no effect in either era.
    func challenge(of resource: CanonicalURI) async -> BearerChallenge? {
        var message = OAuthMessage(url: resource.text, form: nil, authorization: nil)
        message.json = JSONRPCWriter.request(id: .string("sign-in"), method: "ping", params: [:])
        message.accept = StreamableHTTP.accept
        guard case .success(let reply) = await fetch(message), reply.status == 401 else {
            return nil
        }
        return reply.challenge.flatMap(BearerChallenge.init)
    }

    // MARK: signing out

    /// Removes the stored authorization, cancels pending sign-ins, then asks the issuer to revoke the refresh token
    /// (RFC 7009). A secret that is configured for another issuer is never sent to the issuer of the authorization.
    ///
    /// - Returns: whether the issuer confirmed the revocation; nil if there was nothing to revoke or the issuer was
    ///   not asked.
    package func forget(_ purpose: Purpose) async throws(KeyFailure) -> Bool? {
        let folder = tokens.grants.folder
        let grant = try? folder.read(purpose.holder)
        // Removed durably first, so that it is never used again, whatever the issuer answers.
        try await offLoop { () throws(KeyFailure) in try folder.forget(purpose.holder) }
        end(of: purpose.holder)
        tokens.take(nil, for: purpose)
        guard let grant, grant.isProvable(for: purpose), case .good(let refresh) = grant.status,
            let issuer = try? await tokens.discovery.issuer(grant.issuer, for: .code),
            let url = issuer.revocationEndpoint
        else { return nil }
        let reply = try? await tokens.endpoint.send(
            TokenRequest(revoking: refresh), to: url, as: grant.known(purpose.source),
            given: grant.secret, at: issuer)
        return reply?.status == 200
    }

    /// - Returns: the stored authorization, or nil if no person has signed in.
    package func grant(_ purpose: Purpose) throws(KeyFailure) -> StoredAuthorization? {
        try tokens.grants.folder.read(purpose.holder)
    }
}
