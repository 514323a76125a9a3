import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockHosts
import InterlockModel

/// The relay through which a host reaches this deployment: `interlock stdio`, with a token in a file of the
/// deployment.
struct HostRelay {
    private let deployment: Deployment

    init(_ deployment: Deployment) { self.deployment = deployment }

    /// - Parameter server: the only server to relay; nil for all servers under one name.
    func command(_ agent: AgentName, server: ServerName?) -> RelayCommand {
        RelayCommand(
            program: File.realPath("/proc/self/exe") ?? "interlock", gateway: gateway,
            tokenFile: tokenFile(of: agent), server: server?.text)
    }

    /// Returns true if a host that starts `relay` reaches this deployment through this program.
    func isOurs(_ relay: RelayCommand) -> Bool {
        guard relay.gateway == gateway, relay.program.hasPrefix("/"),
            let program = File.realPath(relay.program)
        else { return false }
        return program == File.realPath("/proc/self/exe")
    }

    var gateway: String { deployment.configuration.listeners.audience.text }

    func tokenFile(of agent: AgentName) -> String { "\(deployment.tokens)/\(agent)" }

    /// Stores a token with mode 0600 in a folder of mode 0700. Durable on return.
    func keep(_ token: String, of agent: AgentName) throws(Failure) {
        do throws(FileFailure) {
            try File.makeFolder(deployment.tokens, mode: 0o700)
            try File.write(Array((token + "\n").utf8), to: tokenFile(of: agent))
            try File.syncFolder(of: tokenFile(of: agent))
        } catch { throw Failure(.cannotCreate, error.message) }
    }
}
