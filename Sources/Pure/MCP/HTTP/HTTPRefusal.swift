import InterlockJSON

/// A refusal below the level of JSON-RPC: a status, and an error that is the body if the client can read one.
package struct HTTPRefusal: Error, Sendable, Equatable {
    package let status: Int
    package let error: JSONRPCError

    package init(status: Int, error: JSONRPCError) {
        self.status = status
        self.error = error
    }

    init(_ status: Int, _ message: String) {
        self.init(
            status: status,
            error: JSONRPCError(code: JSONRPCError.invalidRequest, message: message))
    }

    package func body(id: RequestID? = nil) -> [UInt8] { JSONRPCWriter.error(id: id, error) }

    package static let unknownSession = HTTPRefusal(404, "unknown session")
    package static let missingSession = HTTPRefusal(400, "the request names no session")
    package static let unmatchedResponse = HTTPRefusal(
        400, "no request is waiting for this response")
}
