package import InterlockJSON

/// What one server may ask during one call, and in which words (specs of MCP, section 6).
package struct InputRules: Sendable {
    /// The server's name in the configuration: who asks, whatever the question says.
    package let server: String
    /// What the policy lets it ask and the caller can be asked.
    package let kinds: Set<InputKind>
    /// Hosts whose pages it may show, in lower case.
    package let hosts: Set<ExactText>

    package static let largestMessageBytes = 8 << 10
    /// What all samples of one call may cost together, in tokens.
    package static let sampledTokens: Int64 = 32_768

    package init(server: String, kinds: Set<InputKind>, hosts: Set<ExactText>) {
        self.server = server
        self.kinds = kinds
        self.hosts = hosts
    }

    /// The question as the client may see it.
    ///
    /// - Parameter tokens: what is left for samples of this call.
    /// - Throws: why it may not be asked.
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

    /// The server's true name stands before what it says.
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

/// Why a server's question does not reach the client. The server learns only that nobody answers.
package enum InputRefusal: Error, Sendable, Equatable {
    /// Not in the server's `asks`, or the caller cannot be asked.
    case notAllowed
    case malformed(String)
    /// A field of the form asks for a secret.
    case secret(String)
    /// The page is not on a host that was reviewed.
    case host(String)
    case tooManyTokens

    /// Stable, for records.
    package var code: String {
        switch self {
        case .notAllowed: "not_allowed"
        case .malformed: "malformed"
        case .secret: "secret"
        case .host: "host"
        case .tooManyTokens: "tokens"
        }
    }
}
