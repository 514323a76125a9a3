package import InterlockJSON

/// The headers by which intermediaries may route a modern request. Each must occur at most once and equal the value in
/// the body; otherwise an intermediary would have routed another request (docs/specs/mcp.md, section 10).
///
/// INVARIANT: a modern request whose headers are not its body's is refused. Kept by `RoutingHeaderTests`,
/// `HeaderTextTests`, `test_modern.py`.
package struct RoutingHeaders: Sendable {
    /// The parameter that `Mcp-Name` repeats, by method; other methods have no such header.
    private static let names = [
        "tools/call": "name", "prompts/get": "name", "resources/read": "uri",
        "tasks/get": "taskId", "tasks/update": "taskId", "tasks/cancel": "taskId",
    ]

    private var values: [ExactText: String] = [:]
    private var repeated: String?

    /// - Parameter headers: the headers with names in lower case, in any order; unrelated ones are ignored.
    package init(_ headers: [(name: String, value: String)]) {
        for (name, value) in headers
        where name.hasPrefix("mcp-") && name != StreamableHTTP.sessionHeader {
            if values.updateValue(value, forKey: name) != nil { repeated = repeated ?? name }
        }
    }

    /// The value of `MCP-Protocol-Version`.
    package var version: String? { values[StreamableHTTP.versionHeader] }

    /// Returns the value that `Mcp-Name` must have for a request, or nil if the request has no such header.
    package static func name(of method: String, _ params: JSONObject) -> String? {
        names[method].flatMap { params[$0]?.string }
    }

    /// - Throws: -32020 if a header is repeated, missing, or differs from the body.
    func check(_ request: JSONRPCRequest, version wanted: String) throws(JSONRPCError) {
        if let repeated { throw .headerMismatch(repeated, "occurs more than once") }
        try compare(StreamableHTTP.versionHeader, version, with: wanted)
        try compare(
            StreamableHTTP.methodHeader, values[StreamableHTTP.methodHeader], with: request.method)
        let header = values[StreamableHTTP.nameHeader]
        guard let name = Self.name(of: request.method, request.params) else {
            if header == nil { return }
            throw .headerMismatch(StreamableHTTP.nameHeader, "has no counterpart in the body")
        }
        guard header.flatMap(HeaderText.decode).map({ $0.utf8.elementsEqual(name.utf8) }) == true
        else {
            throw .headerMismatch(StreamableHTTP.nameHeader, "does not equal the body's")
        }
    }

    /// - Throws: -32020 if a declared header and its argument differ.
    func check(_ parameters: [HeaderParameter], _ arguments: JSONObject) throws(JSONRPCError) {
        for parameter in parameters {
            let name = StreamableHTTP.parameterPrefix + parameter.name.lowercased()
            switch (values[name], parameter.value(in: arguments)) {
            case (nil, nil): continue
            case (nil, .array?), (nil, .object?): continue  // Schema validation reports these.
            case (nil, _?): throw .headerMismatch(name, "is missing beside its argument")
            case (_?, nil): throw .headerMismatch(name, "repeats an argument that is not there")
            case (let header?, let value?):
                guard HeaderParameter.agree(header, with: value) else {
                    throw .headerMismatch(name, "does not equal its argument")
                }
            }
        }
    }

    private func compare(
        _ name: String, _ value: String?, with wanted: String
    ) throws(JSONRPCError) {
        guard let value else { throw .headerMismatch(name, "is missing") }
        guard value.utf8.elementsEqual(wanted.utf8) else {
            throw .headerMismatch(name, "does not equal the body's")
        }
    }
}

extension JSONRPCError {
    fileprivate static func headerMismatch(_ name: String, _ fault: String) -> JSONRPCError {
        JSONRPCError(code: headerMismatch, message: "the header `\(shortened(name))` \(fault)")
    }
}
