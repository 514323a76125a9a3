package import InterlockJSON

/// The kinds of input that a server may request from the client during a call.
package enum InputKind: String, Sendable, Hashable, CaseIterable {
    case form
    case url
    case sampling
    case roots

    /// Returns the kinds that a client declares. An `elicitation` that names no mode means forms.
    ///
    /// - Parameter version: the negotiated version; forms require 2025-06-18, URLs require 2025-11-25.
    package static func declared(
        _ capabilities: JSONObject, in version: ProtocolVersion
    ) -> Set<InputKind> {
        var kinds: Set<InputKind> = []
        if let elicitation = capabilities["elicitation"]?.object, version.hasForms {
            let hasURL = elicitation["url"]?.object != nil
            if hasURL, version.hasURLElicitation { kinds.insert(.url) }
            if elicitation["form"]?.object != nil || !hasURL { kinds.insert(.form) }
        }
        if capabilities["sampling"]?.object != nil { kinds.insert(.sampling) }
        if capabilities["roots"]?.object != nil { kinds.insert(.roots) }
        return kinds
    }

    /// Returns the `capabilities` object that declares these kinds.
    package static func capabilities(_ kinds: Set<InputKind>) -> JSONObject {
        var capabilities = JSONObject()
        var modes = JSONObject()
        if kinds.contains(.form) { modes["form"] = [:] }
        if kinds.contains(.url) { modes["url"] = [:] }
        if !modes.isEmpty { capabilities["elicitation"] = .object(modes) }
        if kinds.contains(.sampling) { capabilities["sampling"] = [:] }
        if kinds.contains(.roots) { capabilities["roots"] = [:] }
        return capabilities
    }
}

extension InputRequest {
    /// The kind of the request, or nil if it is an elicitation of an unknown mode.
    package var kind: InputKind? {
        switch (method, params["mode"]) {
        case (.elicit, nil), (.elicit, "form"?): .form
        case (.elicit, "url"?): .url
        case (.elicit, _): nil
        case (.sample, _): .sampling
        case (.listRoots, _): .roots
        }
    }

    /// The response for a client that is not asked: a decline, no roots, or the error of an unknown method.
    package var declined: InputResponse {
        switch method {
        case .elicit: .result(["action": "decline"])
        case .listRoots: .result(["roots": []])
        case .sample:
            .refused(
                JSONRPCError(
                    code: JSONRPCError.methodNotFound,
                    message: "no client can be asked for a sample"))
        }
    }

    /// Returns the response for the server after the client answered with an error.
    package func failed(_ error: JSONRPCError) -> InputResponse {
        switch method {
        case .elicit: .result(["action": "cancel"])
        case .listRoots: declined
        case .sample: .refused(error)
        }
    }

    /// Returns the client's result in the form in which the server may receive it. An invalid result becomes a
    /// cancelled form, no roots, or an error.
    package func answer(_ result: JSONObject) -> InputResponse {
        switch kind {
        case .form, .url, nil:
            guard let action = result["action"], ["accept", "decline", "cancel"].contains(action)
            else {
                return .result(["action": "cancel"])
            }
            guard action == "accept", kind != .url else { return .result(["action": action]) }
            guard let content = result["content"]?.object else {
                return .result(["action": "cancel"])
            }
            return .result(["action": "accept", "content": .object(content)])
        case .roots:
            guard let roots = result["roots"]?.array else { return declined }
            return .result(["roots": .array(roots)])
        case .sampling:
            guard result["role"]?.string != nil, result["content"] != nil,
                result["model"]?.string != nil
            else {
                return .refused(
                    JSONRPCError(
                        code: JSONRPCError.internalError, message: "the client gave no sample"))
            }
            return .result(result)
        }
    }
}

extension InputResponse {
    /// The form for the record: the result, or the error under its own key.
    package var json: JSONValue {
        switch self {
        case .result(let result): .object(result)
        case .refused(let error): ["error": error.json]
        }
    }
}
