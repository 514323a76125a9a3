package import InterlockJSON

/// The rules for the input that one server may request during one call, and for the text of its requests
/// (docs/specs/mcp.md, section 6).
///
/// INVARIANT: a server asks a caller only what the policy's `asks` and the caller's capabilities have, under its own
/// name. Kept by `InputRulesTests`, `ModernInputTests`, `LegacyInputTests`.
package struct InputRules: Sendable {
    /// The server's name in the configuration, which identifies the sender regardless of the text of the request.
    package let server: String
    /// The kinds that the policy permits the server to request and the caller supports.
    package let kinds: Set<InputKind>
    /// The hosts whose pages the server may open, in lower case.
    package let hosts: Set<ExactText>

    package static let largestMessageBytes = 8 << 10
    /// The limit on all samples of one call together, in tokens.
    package static let sampledTokens: Int64 = 32_768

    package init(server: String, kinds: Set<InputKind>, hosts: Set<ExactText>) {
        self.server = server
        self.kinds = kinds
        self.hosts = hosts
    }

    /// Returns the request in the form in which the client may receive it.
    ///
    /// - Parameter tokens: the tokens that remain for samples of this call.
    /// - Throws: the reason why the request must not be sent to the client.
    package func permitted(
        _ request: InputRequest, tokens: Int64
    ) throws(InputRefusal) -> InputRequest {
        guard let kind = request.kind, kinds.contains(kind) else { throw .notAllowed }
        switch kind {
        case .roots: return request
        case .sampling: return try sample(request, tokens)
        case .form:
            try FormCheck.check(request.params["requestedSchema"])
            return try named(request, note: nil)
        case .url:
            guard let url = request.params["url"]?.string else { throw .malformed("it has no url") }
            return try named(request, note: try PageAddress(url, hosts: hosts).note)
        }
    }

    /// Puts the server's configured name before the server's own message.
    private func named(
        _ request: InputRequest, note: String?
    ) throws(InputRefusal) -> InputRequest {
        guard case .string(let message)? = request.params["message"],
            message.utf8.count <= Self.largestMessageBytes
        else { throw .malformed("its message is no short text") }
        var params = request.params
        let text = "The server `\(server)` asks: \(message)" + (note.map { "\n(\($0))" } ?? "")
        params["message"] = .string(text)
        return InputRequest(key: request.key, method: request.method, params: params)
    }

    private func sample(
        _ request: InputRequest, _ tokens: Int64
    ) throws(InputRefusal) -> InputRequest {
        guard let wanted = request.params["maxTokens"]?.integer, wanted > 0 else {
            throw .malformed("it has no maxTokens")
        }
        guard wanted <= tokens else { throw .tooManyTokens }
        var params = request.params
        params["includeContext"] = nil
        return InputRequest(key: request.key, method: request.method, params: params)
    }
}

/// The reason why a server's request for input is not sent to the client. The server receives only a decline or an
/// error without the reason.
package enum InputRefusal: Error, Sendable, Equatable {
    /// The kind is not in the server's `asks`, or the caller does not support it.
    case notAllowed
    case malformed(String)
    /// A field of the form asks for a secret.
    case secret(String)
    /// The page is on a host that was not reviewed.
    case host(String)
    case tooManyTokens
    /// A value in it must not reach the caller.
    case found
    /// The search for such values had no answer.
    case unsearched
    /// The policy keeps fields of the call's result back, which the request could have.
    case keptBack

    /// The stable code for records.
    package var code: String {
        switch self {
        case .notAllowed: "not_allowed"
        case .malformed: "malformed"
        case .secret: "secret"
        case .host: "host"
        case .tooManyTokens: "tokens"
        case .found: "found"
        case .unsearched: "unsearched"
        case .keptBack: "kept_back"
        }
    }
}
