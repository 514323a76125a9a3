import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// Refusals after which a call that was certainly not executed is sent once more.
extension HTTPCall {
    /// Handles a refusal for its credential: the call was not executed. Sends it once more, with a new id, if that may
    /// help.
    func turnedAway(
        _ status: Int, _ error: JSONRPCError?, _ outcome: MCPPostExchange.Outcome,
        _ verdict: CredentialVerdict
    ) {
        guard isWaiting else { return }
        if case .refuse(let failure) = verdict, !isCancelled {
            let wasSent = rounds?.retry != nil
            return finish(.failed(wasSent ? .unknown : .notExecuted, reason: failure.reason))
        }
        guard verdict == .again, !isCancelled else { return refused(status, error, outcome) }
        wasSent = rounds?.retry != nil
        post = nil
        proceed()
    }

    /// Handles a call that was not executed because its headers were refused. They follow from the reviewed definition,
    /// so the call is sent once more, with a new id, only if the server still lists the tool unchanged.
    func listAgain(else answer: UpstreamResponse) {
        guard call.request.method == .callTool, !hasListedAgain, !isCancelled else {
            return finish(answer)
        }
        hasListedAgain = true
        wasSent = rounds?.retry != nil
        post = nil
        let tool = call.address.tool
        let known = session.shared.definition(of: tool)
        Task(executorPreference: client.loop) { [session] in
            let listed = await session.list()
            // Changed tools are hidden once they are compared with the pins.
            session.shared.toolListChanged()
            guard case .success(let list) = listed, let known, list.definition(of: tool) == known
            else { return self.finish(answer) }
            self.proceed()
        }
    }
}
