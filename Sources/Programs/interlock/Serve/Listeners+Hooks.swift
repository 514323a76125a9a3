import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockPorts
import InterlockTransport

extension Listeners {
    /// The most connections of hooks, of which each lasts for one event.
    private static let mostHooks = 512
    /// The most bytes of events of one user, an eighth of the memory: three of the largest, or many of an ordinary size.
    private static let bytesOfUser = 32 << 20

    /// Opens the socket of hooks outside runs, which every user may connect to. It has a loop of its own, and a user with
    /// many silent connections makes room for others. The large events of one user leave room for those of others.
    ///
    /// - Returns: nil if none is configured.
    /// - Throws: 77 if another user could put a socket of its own there.
    static func openHooks(
        _ node: Node, _ deployment: Deployment
    ) throws(Failure) -> HTTPServer? {
        guard let handler = node.hooksListener else { return nil }
        let path = deployment.resolve(deployment.configuration.listeners.hooksSocket)
        try SocketFolder.judge(path)
        var limits = ServerLimits()
        limits.connections = mostHooks
        limits.sharesPlaces = true
        limits.bodyBytesOfSource = bytesOfUser
        // An adapter sends its event at once, and closes the connection after the verdict.
        limits.head = .seconds(5)
        limits.bodyProgress = .seconds(5)
        limits.body = .seconds(10)
        limits.idle = .seconds(10)
        do throws(ListenFailure) {
            return try HTTPServer.listen(
                .unix(path: path, mode: 0o666), as: .local(uid: 0, pid: 0), handler: handler,
                loops: LoopGroup(count: 1, name: "hooks"), limits: limits)
        } catch { throw Failure(.io, error.reason) }
    }
}
