import InterlockJSON
import InterlockModel
package import InterlockPorts

/// Serves the agents' listener: `/mcp` and `/mcp/<server>` pass through the pipeline; only the metadata of the
/// protected resource (RFC 9728) needs no token.
package struct AgentPlane: RequestHandler {
    /// The path of the events of hooks.
    package static let hookPath = "/hook/v1/event"

    private let pipeline: CallPipeline
    private let hooks: (any RequestHandler)?

    /// - Parameter hooks: serves the events of hooks; nil for no such path.
    package init(_ pipeline: CallPipeline, hooks: (any RequestHandler)? = nil) {
        self.pipeline = pipeline
        self.hooks = hooks
    }

    /// Returns nil for a request that is not about a hook.
    private func hooks(_ head: RequestHead) -> (any RequestHandler)? {
        sameBytes(head.path, Self.hookPath) ? hooks : nil
    }

    package func judge(_ head: RequestHead) -> HeadDecision {
        if let hooks = hooks(head) { return hooks.judge(head) }
        guard head.path.hasPrefix(ProtectedResource.wellKnown) else { return pipeline.judge(head) }
        guard pipeline.gateway.settings.allows(host: head["host"]) else {
            return .refuse(.plain(421, "this Host is not served here"))
        }
        return .readBody(limitBytes: 0)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        if let hooks = hooks(head) { return await hooks.handle(head, body: body, exchange) }
        guard head.path.hasPrefix(ProtectedResource.wellKnown) else {
            return await pipeline.run(head, body: body, exchange)
        }
        let gateway = pipeline.gateway
        let resource = gateway.settings.resource
        guard head.method == "GET", let place = resource.place(of: head.path) else {
            return exchange.respond(.plain(404, "no such resource"))
        }
        // Only callers with a token may learn whether a server of that name exists.
        exchange.respond(.json(200, resource.metadata(place, under: gateway.policy.snapshot)))
    }
}
