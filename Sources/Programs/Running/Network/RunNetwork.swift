import InterlockCommandLine
import InterlockEgress
import InterlockModel
package import InterlockPolicy
import InterlockPorts
import InterlockSandboxes
import InterlockTransport
import Synchronization

/// The proxy of one run: made before the run begins, so that what it cannot keep is refused, and started when the
/// launcher hands over the two listening sockets (docs/specs/sandbox.md, section 7). A run with several programs, one after
/// the other, has a proxy for each.
package final class RunNetwork: Sendable {
    private struct State {
        var proxy: EgressProxy?
        var models: ModelRoute?
        var authorizer: GatewayAuthorizer?
        /// The connections that were refused to earlier programs.
        var earlierRefusals = 0
        var isStopped = false
        var lease: RunLease
    }

    private let loops: LoopGroup
    private let resolver: any EgressResolver
    private let state: Mutex<State>

    /// The time that a report to the gateway may take.
    private static let patience = Duration.seconds(3)

    /// - Throws: `bad-policy` if the proxy cannot keep the rules or the resolver.
    package init(_ settings: SandboxSettings) throws(RunRefusal) {
        do throws(EgressRuleError) { _ = try EgressRules(settings) } catch {
            throw RunRefusal(
                RunExit.badPolicy, "bad-policy",
                "sandbox: \(error.code == .model ? "models" : "egress"): \(error.detail)")
        }
        let loops = LoopGroup(count: 1, name: "proxy")
        self.loops = loops
        guard let resolver = settings.resolver.resolver(on: loops) else {
            throw RunRefusal(
                RunExit.badPolicy, "bad-policy", "sandbox: resolver: the servers cannot be asked")
        }
        self.resolver = resolver
        let lease = RunLease(SandboxService.lease, onLoss: settings.onLeaseLoss, lastResponse: .now)
        state = Mutex(State(lease: lease))
    }

    /// Starts the proxy on the two sockets, which it closes. Does nothing but close them once `stop` was called.
    ///
    /// - Parameters:
    ///   - routes: serves the proxy's own routes; nil for none.
    ///   - password: required of each connection if the sockets are on the host's loopback.
    func start(
        _ run: RunID, http: Int32, socks: Int32, _ gateway: RunGateway,
        routes: OwnRoutes?, password: ProxyPassword? = nil
    ) {
        let asked = gateway.waiting(atMost: Self.patience)
        let authorizer = GatewayAuthorizer { message in
            try? asked.connection(message, of: run)
        }
        var parts = EgressProxyParts(run: run, authorizer: authorizer, resolver: resolver)
        let models = routes.map { ModelRoute($0.providers, parts, loops: loops) }
        if let routes, let models { parts.routes = RunRoutes(own: routes, models: models) }
        parts.password = password
        let proxy = EgressProxy(http: http, socks: socks, parts, loops: loops)
        let isLate = state.withLock { state in
            (state.proxy, state.models, state.authorizer) = (proxy, models, authorizer)
            return state.isStopped
        }
        if isLate { stop() }
    }

    /// Notes a response of the gateway.
    func noteResponse() { state.withLock { $0.lease.renew(at: .now) } }

    /// Closes the connections of a run whose gateway did not respond within the lease. New ones are refused anyway, since
    /// the gateway decides each.
    ///
    /// - Returns: true if the run must be ended.
    func checkLease() -> Bool {
        let (loss, proxy) = state.withLock { ($0.lease.check(at: .now), $0.proxy) }
        switch loss {
        case .run: return true
        case .connections: proxy?.cutConnections()
        case nil: break
        }
        return false
    }

    /// Closes everything. Nothing is sent to any server after the return.
    func stop() {
        state.withLock { $0.isStopped = true }
        stopProxy()
    }

    private func stopProxy() {
        let (proxy, models) = state.withLock { ($0.proxy, $0.models) }
        if let models { loops.blocking { await models.stop() } }
        if let proxy { loops.blocking { await proxy.stop() } }
    }

    /// The number of connections that were refused until now.
    var refusals: Int {
        state.withLock { $0.earlierRefusals + ($0.authorizer?.refusals ?? 0) }
    }

    /// Ends the proxy of a program that has ended; `start` may be called again. Returns once the gateway has the outcomes of
    /// all its connections, or does not answer.
    func finishProgram() {
        stopProxy()
        let (proxy, models, authorizer) = state.withLock { ($0.proxy, $0.models, $0.authorizer) }
        authorizer?.beginEnd()
        if let proxy { loops.blocking { await proxy.waitUntilIdle() } }
        if let models { loops.blocking { await models.waitUntilIdle() } }
        authorizer?.finish()
        state.withLock { state in
            state.earlierRefusals += authorizer?.refusals ?? 0
            (state.proxy, state.models, state.authorizer) = (nil, nil, nil)
        }
    }

    /// Ends everything, as `finishProgram` does.
    func finish() {
        stop()
        finishProgram()
        loops.stop()
    }
}
