import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization
import Testing

@testable import InterlockKeys

/// A server, its issuer and a client of it, in memory. A document that is a number stands for that
/// status; what is not there is 404.
final class OAuthWorld: Sendable {
    let clock = HandClock()
    let documents = Mutex<[String: String]>([
        "https://idp.example/.well-known/oauth-authorization-server":
            #"{"issuer":"https://idp.example","token_endpoint":"https://idp.example/token","token_endpoint_auth_methods_supported":["client_secret_post","private_key_jwt"]}"#
    ])
    let asked = Mutex<[OAuthMessage]>([])
    let changed = Mutex<[String]>([])
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
                secrets: provider, clock: clock, entropy: SystemEntropy(),
                fetch: { [weak self] message in
                    self?.answer(message) ?? .failure(KeyFailure(.io, "the test is over"))
                },
                issuerChanged: { [weak self] server in
                    self?.changed.withLock { $0.append(server.text) }
                })
        }
    }

    var tokens: ClientTokens { made.withLock { $0 }.unwrapped }

    func purpose(server: String = "up", agent: String = "triage") -> ClientTokens.Purpose {
        ClientTokens.Purpose(
            server: ServerName(server).unwrapped, agent: AgentName(agent).unwrapped,
            client: OAuthClient(
                issuer: "https://idp.example", id: "gw", method: method, secret: "client-secret",
                kid: "k1", scopes: ["base"]),
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
    }

    /// Of the requests for tokens, in order.
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

    private func answer(_ message: OAuthMessage) -> Result<OAuthReply, KeyFailure> {
        asked.withLock { $0.append(message) }
        if let document = documents.withLock({ $0[message.url] }) {
            if let status = Int(document) { return .success(OAuthReply(status: status, body: [])) }
            return .success(OAuthReply(status: 200, body: Array(document.utf8)))
        }
        guard message.url == "https://idp.example/token" else {
            return .success(OAuthReply(status: 404, body: []))
        }
        let number = count.withLock { count in
            count += 1
            return count
        }
        let body = #"{"access_token":"t\#(number)","token_type":"bearer","expires_in":300}"#
        return .success(OAuthReply(status: 200, body: Array(body.utf8)))
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
