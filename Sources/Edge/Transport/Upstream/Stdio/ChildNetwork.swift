package import InterlockModel
package import InterlockPorts
import Synchronization

/// The network access of one server's children: who decides about a connection, who resolves its name, and the
/// loops of the proxies, on which no call is served.
package struct ChildEgress: Sendable {
    let resolver: any EgressResolver
    let loops: LoopGroup
    let authorizer: @Sendable (_ sandbox: RunID, _ agent: AgentName?) -> any EgressAuthorizer

    /// - Parameter authorizer: makes the authorizer of one child; `agent` is the agent whose calls it serves, nil for
    ///   the gateway's own child.
    package init(
        resolver: any EgressResolver, loops: LoopGroup,
        authorizer:
            @escaping @Sendable (_ sandbox: RunID, _ agent: AgentName?) -> any EgressAuthorizer
    ) {
        self.resolver = resolver
        self.loops = loops
        self.authorizer = authorizer
    }
}

/// The network of one child: takes the two listening sockets from its launcher and starts the proxy on them. Watched on
/// the loop of its session; `stop` may be called from any thread.
final class ChildNetwork: EventSource, @unchecked Sendable {
    private enum State {
        /// -> running, stopping, stopped
        case waiting
        /// -> stopping
        case running(EgressProxy)
        /// -> stopped
        case stopping
        case stopped
    }

    private let sandbox: any ChildSandbox
    /// Is nil if nothing decides: then every connection is refused by the kernel.
    private let egress: ChildEgress?
    private let agent: AgentName?
    private let loop: EventLoop
    private let state = Mutex(State.waiting)
    /// Used only on the loop.
    private var isWatched = false

    /// Returns nil if the child has no network that leads to a proxy.
    init?(
        _ sandbox: (any ChildSandbox)?, _ egress: ChildEgress?, for agent: AgentName?,
        on loop: EventLoop
    ) {
        guard let sandbox, let handover = sandbox.handover else { return nil }
        self.sandbox = sandbox
        self.egress = egress
        self.agent = agent
        self.loop = loop
        super.init(descriptor: handover)
    }

    func start() { isWatched = loop.add(self, events: EventBits.readable) }

    /// True once nothing more can be sent to any server.
    var isStopped: Bool { state.withLock { if case .stopped = $0 { true } else { false } } }

    /// Closes all connections; those that are not permitted yet are not made. Returns at once.
    func stop() {
        let proxy = state.withLock { state -> EgressProxy? in
            switch state {
            case .running(let proxy):
                state = .stopping
                return proxy
            case .waiting:
                state = .stopped
                return nil
            case .stopping, .stopped: return nil
            }
        }
        proxy?.stop { [self] in state.withLock { $0 = .stopped } }
        loop.perform { self.unwatch() }
    }

    override func ready(_ events: UInt32) {
        guard isWatched else { return }
        do throws(LaunchFailure) {
            guard let listeners = try sandbox.takeListeners() else { return }
            unwatch()
            take(listeners)
        } catch {
            // The launcher has ended, which its child's end reports.
            unwatch()
        }
    }

    private func take(_ listeners: ProxyListeners) {
        let isTaken = state.withLock { state in
            guard case .waiting = state, let egress else { return false }
            var parts = EgressProxyParts(
                run: sandbox.id, authorizer: egress.authorizer(sandbox.id, agent),
                resolver: egress.resolver)
            // A server sends its own credentials, which are values of the broker.
            parts.readsRequests = false
            state = .running(
                EgressProxy(
                    http: listeners.http, socks: listeners.socks, parts, loops: egress.loops))
            return true
        }
        guard !isTaken else { return }
        SocketCalls.close(listeners.http)
        SocketCalls.close(listeners.socks)
    }

    private func unwatch() {
        guard isWatched else { return }
        isWatched = false
        loop.remove(self)
    }
}
