import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockSandbox
import InterlockTransport

/// The servers that the canaries of one drill call, in this process and as a sandboxed child.
struct DrillServers {
    let receipts = Receipts()
    private let http: HTTPServer
    private let stdio: StdioCanaryServer
    /// The configuration of the HTTP server, then that of the stdio server if children can be sandboxed.
    let configurations: [UpstreamConfiguration]
    let hasStdio: Bool
    var access: [ServerName: SandboxConfiguration.Access] { stdio.access }

    init(loops: LoopGroup, hasStdio: Bool) throws {
        http = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .agents,
            handler: CountingServer(receipts: receipts, clock: SystemClock()), loops: loops)
        stdio = try StdioCanaryServer()
        self.hasStdio = hasStdio
        guard let name = ServerName(CanaryNames.server("http")) else {
            throw Failure(.internalError, "the drill's server has no name")
        }
        let counting = UpstreamConfiguration(
            server: name, connection: .http(url: "http://127.0.0.1:\(http.port)/mcp"))
        configurations = [counting] + (hasStdio ? [stdio.configuration] : [])
    }

    /// Counts the calls that the child reports.
    var hear: @Sendable (UpstreamEvent) -> Void {
        { [receipts] in StdioCanaryServer.hear($0, receipts) }
    }

    func close() async { await http.drain(within: .seconds(1)) }
}
