package import InterlockMCP
package import InterlockModel
package import InterlockPorts

/// Why a call leaves the pipeline before its end. Each is a value made by a stage; `CallPipeline`
/// unwraps it in one place and `respond` turns it into an answer. Indirect: a stage's result is then
/// small where nothing stops, which is nearly always.
package indirect enum PipelineExit: Error, Sendable {
    /// Answered in HTTP alone: nothing of a JSON-RPC message was believed.
    case http(HTTPResponse)
    /// What does not exist for this caller: unknown, hidden and ungranted read the same.
    case unknown(CallMethod, name: String)
    /// The parameters are at fault, in a method whose results cannot say so.
    case invalid(String)
    /// A refusal of a call that the caller may know of.
    case refused(Refusal)
    /// The credential's issuer could give a scope for this call, and has not: 403 where the status can
    /// still be chosen, so that the client asks for it.
    case insufficientScope(needed: String)
    /// The caller as a whole is halted, or the method has no `isError`: a JSON-RPC error.
    case refusedCaller(Refusal)
}
