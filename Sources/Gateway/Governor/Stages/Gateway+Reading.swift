import InterlockModel
import InterlockPolicy

extension Gateway {
    /// Counts the run of a call as tainted if the call can bring it content of a server that is not internal. Called
    /// immediately before the call is sent: notifications and requests for input reach the agent before the result
    /// does, and the result of a coding agent's own tool does not pass the gateway on its way to the model. The read
    /// of a preview is for people alone.
    func noteReading(of cleared: ClearedCall) {
        let call = cleared.call
        let run = call.principal.run
        guard !call.isPreview, runs.tainted.read(by: run) == nil, !readsInternally(cleared) else {
            return
        }
        runs.tainted.add(
            run, UntrustedRead(call: call.id, address: cleared.address, at: clock.wall))
    }

    /// Returns true if all that the call can read is the organisation's own, as far as the policy in force says so.
    private func readsInternally(_ cleared: ClearedCall) -> Bool {
        if cleared.call.host != nil {
            return HostServer.readsWorkspaceAlone(cleared.address, cleared.resolved.arguments)
        }
        let servers = policy.snapshot(for: cleared.call.principal.agent).servers
        return servers[cleared.address.server]?.reviewed?.trust == .internal
    }
}
