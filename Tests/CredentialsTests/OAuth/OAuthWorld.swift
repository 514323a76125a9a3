import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockCredentials

/// A server, its issuer and a client of it, in memory. A document that begins with a number is a response with that
/// status; the response for an absent document is 404.
final class OAuthWorld: Sendable {
    let clock = HandClock()
    let documents = Mutex<[String: String]>([
        "https://idp.example/.well-known/oauth-authorization-server":
            #"{"issuer":"https://idp.example","token_endpoint":"https://idp.example/token","token_endpoint_auth_methods_supported":["client_secret_post","private_key_jwt"]}"#
    ])
    let asked = Mutex<[OAuthMessage]>([])
    let changed = Mutex<[String]>([])
    let ended = Mutex<[String]>([])
    /// The refresh token that is issued with each access token; none if nil.
    let refresh = Mutex<String?>(nil)
    private let folder = TemporaryGrants()
    private let method: OAuthClient.Method
    private let made = Mutex<ClientTokens?>(nil)
    private let count = Mutex(0)

    init(secret: String? = "s3cret", method: OAuthClient.Method = .post) {
        self.method = method
        let provider = SecretProvider(
            SecretSources(
                environmentPrefix: "INTERLOCK_TEST_NONE_", directory: "/nonexistent",
                commands: ["client-secret": ["/bin/x"]]),
            command: { _, _ in
                secret.map { .success(Array($0.utf8)) } ?? .failure(KeyFailure(.io, "it failed"))
            })
        made.withLock {
            $0 = ClientTokens(
                secrets: provider, grants: grants, clock: clock, entropy: SystemEntropy(),
                fetch: fetch,
                issuerChanged: { [weak self] server in
                    self?.changed.withLock { $0.append(server.text) }
                },
                refreshRefused: { [weak self] server in
                    self?.ended.withLock { $0.append(server.text) }
                })
        }
    }

    var grants: AuthorizationStore { AuthorizationStore(grantPath) }
    var grantPath: String { folder.path + "/grants" }

    var fetch: OAuthFetch {
        { [weak self] message in
            self?.answer(message) ?? .failure(KeyFailure(.io, "the test is over"))
        }
    }

    var tokens: ClientTokens { made.withLock { $0 }.unwrapped }

    func purpose(server: String = "up", agent: String = "triage") -> ClientTokens.Purpose {
        ClientTokens.Purpose(
            server: ServerName(server).unwrapped, agent: AgentName(agent).unwrapped,
            source: .client(
                OAuthClient(
                    issuer: "https://idp.example", id: "gw", method: method,
                    secret: "client-secret", kid: "k1", scopes: ["base"])),
            resource: CanonicalURI("https://\(server).example/mcp").unwrapped)
    }

    func token(_ purpose: ClientTokens.Purpose? = nil) async throws -> String {
        try await tokens.token(for: purpose ?? self.purpose()).get()
    }

    func failure() async -> KeyFailure.Code? {
        if case .failure(let failure) = await tokens.token(for: purpose()) { return failure.code }
        return nil
    }

    func refused(_ token: String, _ status: Int, _ challenge: String?) -> Bool {
        tokens.refused(
            token, for: purpose(), status: status, challenge.flatMap(BearerChallenge.init))
            == .again
    }

    /// The forms of the token requests, in order.
    var forms: [[String: String]] {
        asked.withLock { $0 }.compactMap(\.form).map { form in
            var fields: [String: String] = [:]
            for pair in String(decoding: form, as: UTF8.self).split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
                fields[parts[0]] = Self.decoded(parts.count > 1 ? parts[1] : "")
            }
            return fields
        }
    }

    private func answer(_ message: OAuthMessage) -> Result<OAuthResponse, KeyFailure> {
        asked.withLock { $0.append(message) }
        if let document = documents.withLock({ $0[message.url] }) {
            if let status = Int(document.prefix { $0 != " " }) {
                let body = Array(document.drop { $0 != " " }.dropFirst().utf8)
                return .success(OAuthResponse(status: status, body: body))
            }
            return .success(OAuthResponse(status: 200, body: Array(document.utf8)))
        }
        guard message.url == "https://idp.example/token" else {
            return .success(OAuthResponse(status: 404, body: []))
        }
        let number = count.withLock { count in
            count += 1
            return count
        }
        let more = refresh.withLock { $0 }.map { #","refresh_token":"\#($0)""# } ?? ""
        let body =
            #"{"access_token":"t\#(number)","token_type":"bearer","expires_in":300\#(more)}"#
        return .success(OAuthResponse(status: 200, body: Array(body.utf8)))
    }

    private static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text)
        while let first = rest.utf8.first {
            if first == UInt8(ascii: "%") {
                bytes += Hex.decode(rest.dropFirst().prefix(2).lowercased()) ?? []
                rest = rest.dropFirst(3)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
