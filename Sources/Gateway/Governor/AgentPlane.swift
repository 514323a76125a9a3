import InterlockJSON
import InterlockModel
package import InterlockPorts

/// Serves the agents' listener: `/mcp` and `/mcp/<server>` pass through the pipeline; only the metadata of the
/// protected resource (RFC 9728) needs no token.
package struct AgentPlane: RequestHandler {
    private let pipeline: CallPipeline

    package init(_ pipeline: CallPipeline) { self.pipeline = pipeline }

    package func judge(_ head: RequestHead) -> HeadDecision {
        guard head.path.hasPrefix(ProtectedResource.wellKnown) else { return pipeline.judge(head) }
        guard pipeline.gateway.settings.allows(host: head["host"]) else {
            return .refuse(.plain(421, "this Host is not served here"))
        }
        return .readBody(limitBytes: 0)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
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
