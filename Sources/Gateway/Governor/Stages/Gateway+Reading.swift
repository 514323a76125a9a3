import InterlockModel
import InterlockPolicy
import InterlockSafety

extension Gateway {
    /// Counts the run of a call as tainted if the call can bring it content of a server that is not internal. Called
    /// immediately before the call is sent: notifications and requests for input reach the agent before the result
    /// does, and the result of a coding agent's own tool does not pass the gateway on its way to the model. The read
    /// of a preview is for people alone.
    func noteReading(of cleared: ClearedCall) {
        let call = cleared.call
        let run = call.principal.run
        // The result of a coding agent's own tool is in no index, so that it may bring the run any value.
        let isUnseen = call.host != nil && !runs.labelled.isEmpty
        guard !call.isPreview, isUnseen || runs.tainted.read(by: run) == nil,
            !readsInternally(cleared)
        else { return }
        if isUnseen { runs.labelled.update(run) { $0.lose() } }
        runs.tainted.add(
            run, UntrustedRead(call: call.id, address: cleared.address, at: clock.wall))
    }

    /// Returns true if all that the call can read is the organisation's own, as far as the policy in force says so.
    private func readsInternally(_ cleared: ClearedCall) -> Bool {
        if cleared.call.host != nil {
            return HostServer.readsWorkspaceAlone(cleared.address, cleared.resolved.arguments)
        }
        return isInternal(cleared.address.server, for: cleared.call.principal.agent)
    }
}
