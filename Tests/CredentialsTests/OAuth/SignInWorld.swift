import Glibc
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockCredentials

/// `OAuthWorld` with an issuer at which people sign in.
final class SignInWorld: Sendable {
    let idp: OAuthWorld
    let signIns: AuthorizationCodeFlow
    private let id = Mutex("")

    init() {
        let idp = OAuthWorld()
        self.idp = idp
        idp.documents.withLock {
            $0["https://idp.example/.well-known/oauth-authorization-server"] =
                #"{"issuer":"https://idp.example","token_endpoint":"https://idp.example/token","authorization_endpoint":"https://idp.example/authorize","revocation_endpoint":"https://idp.example/revoke","code_challenge_methods_supported":["S256"],"token_endpoint_auth_methods_supported":["none"]}"#
            $0["https://idp.example/revoke"] = "{}"
        }
        signIns = AuthorizationCodeFlow(
            idp.tokens, entropy: SystemEntropy(), hashing: OpenSSLHashing(), fetch: idp.fetch)
    }

    var tokens: ClientTokens { idp.tokens }
    var purpose: ClientTokens.Purpose { purpose() }
    var last: String { id.withLock { $0 } }

    func purpose(
        issuer: String = "https://idp.example", client: String = "gw",
        resource: String = "https://up.example/mcp"
    ) -> ClientTokens.Purpose {
        ClientTokens.Purpose(
            server: ServerName("up").unwrapped, agent: AgentName("triage").unwrapped,
            source: .signIn(self.client(issuer, client)),
            resource: CanonicalURI(resource).unwrapped)
    }

    private func client(_ issuer: String, _ id: String) -> SignInClient {
        SignInClient(
            issuer: issuer, identity: .registered(id), method: .none, secret: nil, kid: nil,
            scopes: ["base"])
    }

    static let person = Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA==")

    static let always: @Sendable (ClientTokens.Purpose) -> Bool = { _ in true }

    func begin() async throws -> String {
        let (id, url) = try await signIns.begin(
            purpose, as: client("https://idp.example", "gw"),
            redirect: "http://127.0.0.1:7/callback", by: Self.person)
        self.id.withLock { $0 = id }
        return url
    }

    func state(in url: String) -> String {
        FormFields.parse(String(url.drop { $0 != "?" }.dropFirst()))?["state"] ?? "none"
    }

    func finish(_ query: String) async throws {
        _ = try await signIns.finish(last, query: query, isWanted: Self.always) {
            (_: AuthorizationCodeFlow.Agreed) async throws(KeyFailure) in
        }
    }

    func refusal(
        _ id: String, _ query: String,
        isWanted: @escaping @Sendable (ClientTokens.Purpose) -> Bool = SignInWorld.always
    ) async -> KeyFailure.Code? {
        do throws(KeyFailure) {
            _ = try await signIns.finish(id, query: query, isWanted: isWanted) {
                (_: AuthorizationCodeFlow.Agreed) async throws(KeyFailure) in
            }
            return nil
        } catch { return error.code }
    }

    func signIn(refresh: String?) async throws {
        idp.refresh.withLock { $0 = refresh }
        try await finish("code=c&state=\(state(in: try await begin()))")
        idp.refresh.withLock { $0 = nil }
    }

    func token() async throws -> String { try await tokens.token(for: purpose).get() }

    func failure() async -> KeyFailure.Code? {
        if case .failure(let failure) = await tokens.token(for: purpose) { return failure.code }
        return nil
    }

    func kept() throws -> StoredAuthorization? { try idp.grants.read(purpose.holder) }

    /// Makes the token endpoint refuse with this code from now on; nil lets it grant again.
    func refuse(_ code: String?) {
        idp.documents.withLock { documents in
            documents["https://idp.example/token"] = code.map { #"400 {"error":"\#($0)"}"# }
        }
    }
}

/// A folder that is removed after the test.
final class TemporaryGrants: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/interlock-grants-XXXXXX".utf8CString)
        let isMade = unsafe mkdtemp(&template) != nil
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        precondition(isMade, "no folder for a test")
    }

    deinit {
        let grants = path + "/grants"
        for name in (try? GuardedFile.names(in: grants)) ?? [] {
            _ = unsafe unlink(grants + "/" + name)
        }
        _ = unsafe rmdir(grants)
        _ = unsafe rmdir(path)
    }
}

enum TestFolder {
    /// Makes the folder and its parent.
    static func make(_ path: String) -> Bool {
        let parent = GuardedFile.folder(of: path)
        _ = unsafe mkdir(parent, 0o700)
        return unsafe mkdir(path, 0o700) == 0
    }
    static func remove(_ path: String) { _ = unsafe rmdir(path) }
}
