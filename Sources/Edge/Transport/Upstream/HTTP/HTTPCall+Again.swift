import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// Refusals after which a call that was surely not carried out goes out once more.
extension HTTPCall {
    /// For its credential: the call was not carried out. Once more, as a new id, where that may help.
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

    /// The call was not carried out. Its headers are made of what was reviewed, so it goes out once more, as
    /// a new id, only where the server still lists the tool as it was.
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
            // What differs is hidden as soon as it is compared with the pins.
            session.shared.toolListChanged()
            guard case .success(let list) = listed, let known, list.definition(of: tool) == known
            else { return self.finish(answer) }
            self.proceed()
        }
    }
}
