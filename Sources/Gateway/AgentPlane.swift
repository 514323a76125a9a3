import InterlockJSON
import InterlockModel

/// The agents' listener: `/mcp` and `/mcp/<server>` go down the pipeline; the metadata of the protected
/// resource (RFC 9728) is the one thing that needs no token.
package struct AgentPlane: RequestHandler {
    private let pipeline: CallPipeline
    private static let wellKnown = "/.well-known/oauth-protected-resource"

    package init(_ pipeline: CallPipeline) { self.pipeline = pipeline }

    package func judge(_ head: RequestHead) -> HeadJudgement {
        guard head.path.hasPrefix(Self.wellKnown) else { return pipeline.judge(head) }
        guard pipeline.gateway.settings.allows(host: head["host"]) else {
            return .refuse(.plain(421, "this Host is not served here"))
        }
        return .readBody(limitBytes: 0)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        guard head.path.hasPrefix(Self.wellKnown) else {
            return await pipeline.run(head, body: body, exchange)
        }
        let endpoint = String(head.path.dropFirst(Self.wellKnown.utf8.count))
        guard head.method == "GET",
            endpoint.isEmpty || endpoint == "/mcp" || endpoint.hasPrefix("/mcp/")
        else {
            return exchange.respond(.plain(404, "no such resource"))
        }
        // Tokens come from the operator's `interlock agents token`; there is no server to ask for one.
        exchange.respond(
            .json(
                200,
                [
                    "resource": .string(pipeline.gateway.settings.audience),
                    "authorization_servers": [], "bearer_methods_supported": ["header"],
                ]))
    }
}

extension GatewaySettings {
    /// Where the metadata of the protected resource stands: in every challenge (RFC 9728, section 5.1).
    var resourceMetadata: String {
        let parts = audience.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return "/.well-known/oauth-protected-resource" }
        let path = parts.count > 3 ? "/" + parts[3] : ""
        return parts[0..<3].joined(separator: "/") + "/.well-known/oauth-protected-resource" + path
    }
}
