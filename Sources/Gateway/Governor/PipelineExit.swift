package import InterlockMCP
package import InterlockModel
package import InterlockPorts

/// What the caller of a refused request gets; `respond` turns it into a response. Indirect, so that `CallEnd` is small.
package indirect enum PipelineExit: Sendable {
    /// An HTTP response alone: nothing of a JSON-RPC message was trusted.
    case http(HTTPResponse)
    /// A name that does not exist for this caller: unknown, hidden and ungranted look the same.
    case unknown(CallMethod, name: String)
    /// Invalid parameters, in a method whose results cannot express an error.
    case invalid(String)
    /// The refusal of a call that the caller may see.
    case refused(Refusal)
    /// The token lacks a scope that its issuer could grant: 403 if the status can still be chosen, so that the client
    /// requests the scope.
    case insufficientScope(needed: String)
    /// The refusal of a halted caller, or of a method without `isError`: a JSON-RPC error.
    case refusedCaller(Refusal)
}
