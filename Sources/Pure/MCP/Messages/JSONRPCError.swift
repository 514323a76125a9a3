package import InterlockJSON

/// The `error` member of a JSON-RPC response.
package struct JSONRPCError: Error, Sendable, Equatable {
    package let code: Int64
    /// The message in lower case, without a full stop, with user text in backticks.
    package let message: String
    package let data: JSONValue?

    package init(code: Int64, message: String, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    package static let parseError: Int64 = -32700
    package static let invalidRequest: Int64 = -32600
    package static let methodNotFound: Int64 = -32601
    package static let invalidParams: Int64 = -32602
    package static let internalError: Int64 = -32603
    /// The next three codes belong to the modern era only.
    package static let headerMismatch: Int64 = -32020
    package static let missingCapability: Int64 = -32021
    package static let unsupportedVersion: Int64 = -32022

    /// Creates the error for a body that is not acceptable JSON; the message contains the byte offset.
    package init(_ error: JSONError) {
        self.init(code: Self.parseError, message: error.description)
    }

    package static func unknownMethod(_ method: String) -> JSONRPCError {
        JSONRPCError(code: methodNotFound, message: "unknown method: \(shortened(method))")
    }

    /// Returns the error for hidden, unknown and ungranted tools alike: the responses differ only in id and name.
    package static func unknownTool(_ name: String) -> JSONRPCError {
        JSONRPCError(code: invalidParams, message: "unknown tool: \(shortened(name))")
    }

    /// Returns the corresponding error for any method that the pipeline handles.
    ///
    /// - Parameter name: the name as the caller wrote it.
    package static func unknown(
        _ name: String, _ method: CallMethod, in version: ProtocolVersion
    ) -> JSONRPCError {
        switch method {
        case .callTool: unknownTool(name)
        case .readResource, .subscribe, .unsubscribe: missingResource(name, in: version)
        case .getPrompt:
            JSONRPCError(code: invalidParams, message: "unknown prompt: \(shortened(name))")
        case .complete:
            JSONRPCError(code: invalidParams, message: "nothing to complete: \(shortened(name))")
        }
    }

    /// The code of the legacy eras; the modern era uses -32602.
    package static let resourceNotFound: Int64 = -32002

    /// Returns true if a server's error for resources/read means that the resource does not exist. The first Python SDK
    /// has no code for it and reports it in words.
    package static func saysMissing(_ code: Int64, _ message: String) -> Bool {
        code == resourceNotFound || code == invalidParams
            || code == 0 && message.hasPrefix("Unknown resource")
    }

    /// - Parameter uri: the URI as the caller wrote it.
    package static func missingResource(
        _ uri: String, in version: ProtocolVersion
    ) -> JSONRPCError {
        JSONRPCError(
            code: version.isModern ? invalidParams : resourceNotFound,
            message: "resource not found", data: ["uri": .string(uri)])
    }

    /// Returns the HTTP status of a response that contains only this error (docs/specs/mcp.md, section 10).
    package func httpStatus(in version: ProtocolVersion) -> Int {
        switch code {
        case Self.parseError, Self.invalidRequest: 400
        case Self.invalidParams, Self.headerMismatch, Self.missingCapability,
            Self.unsupportedVersion:
            version.isModern ? 400 : 200
        case Self.methodNotFound: version.isModern ? 404 : 200
        default: 200
        }
    }

    package var json: JSONValue {
        var object: JSONObject = ["code": .integer(code), "message": .string(message)]
        object["data"] = data
        return .object(object)
    }
}

/// Cuts a caller's text for use in a response to at most 128 characters.
func shortened(_ text: String) -> String {
    text.utf8.count <= 128 ? text : String(text.unicodeScalars.prefix(128)) + "..."
}
