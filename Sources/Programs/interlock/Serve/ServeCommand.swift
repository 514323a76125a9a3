import CLinux
import InterlockAdministration
import InterlockClusterServing
import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockSandbox
import InterlockTransport

extension Command {
    static let serve = Command(
        "serve", "run the gateway",
        example: "interlock serve --dir /srv/interlock",
        options: [
            .directory,
            Option("--guard-lost", "accept once that the copy of the last checkpoint is gone"),
            Option(
                "--rebuild",
                "count what agents have taken out of the whole log, not from a snapshot"),
        ],
        exits: [.data, .notFound, .unavailable, .io, .tryAgain, .notPermitted],
        notes:
            "SIGUSR2 stops everything until two people resume. SIGTERM drains and ends; SIGHUP, and a change of the policy's folder, reads the policy again, and keeps the old one on any error. SIGHUP reads the certificate of `tls` again too."
    ) { invocation in
        Heap.keepPages()
        Build.measure()
        let signals = try Signals()
        try LaunchFailure.exits(.internalError, try ProcessHardening.makeUndumpable())
        let deployment = try Deployment.open(invocation)
        ProgramLog.isJSON = deployment.configuration.log.format == "json"
        try GatewayUser.check(deployment)
        let tls = try TLSSetup(deployment)
        let node = try await Node.start(
            deployment, guardLost: invocation.has("guard-lost"), rebuild: invocation.has("rebuild"))
        node.ends.observe { tls.certificateEnd }
        let listeners = try Listeners.open(node, deployment, tls)
        Heap.giveBack()
        log(
            "ready agents \(listeners.scheme)://\(listeners.agentsAddress)/mcp people \(listeners.scheme)://\(listeners.peopleAddress)",
            part: "serve")
        let watch = node.watchPolicy()
        let orders = try node.watchOrders()
        let kill = node.kill
        // A separate task, so that a halt does not wait for a reload or a shutdown.
        let halting = Task(executorPreference: node.control.loop) {
            for await _ in signals.halts {
                await kill.stopHere("the signal SIGUSR2 came", source: "signal")
            }
        }
        for await signal in signals.stream {
            switch signal {
            case .reload:
                listeners.reload()
                await node.reload(.signal)
            case .end:
                log("ending: new requests are refused, calls in flight have 10 s", part: "serve")
                watch?.stop()
                orders.stop()
                node.parts.member?.announceEnd()
                node.gateway.endStreams()
                await listeners.drain()
                halting.cancel()
                await node.stop()
                log("ended", part: "serve")
                return .ok
            }
        }
        return .ok
    }
}
