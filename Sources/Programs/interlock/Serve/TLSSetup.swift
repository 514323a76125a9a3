import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTransport

/// TLS of both planes from the files that `interlock.yaml` names. Without a certificate both planes use plain HTTP.
struct TLSSetup: Sendable {
    /// Is nil if the planes use plain HTTP.
    let agents: TLSIdentity?
    let people: TLSIdentity?
    private let deployment: Deployment

    /// - Throws: exit 65 with setting, file, cause and remedy.
    init(_ deployment: Deployment) throws(Failure) {
        self.deployment = deployment
        let settings = deployment.configuration.tls
        guard !settings.certificate.isEmpty else {
            guard settings.key.isEmpty, settings.clientCA.isEmpty, settings.clients == "none" else {
                throw Failure(
                    .data, "`tls.certificate` is empty, and other keys of `tls` are not",
                    help: "name the certificate, or leave all of them out")
            }
            agents = nil
            people = nil
            return
        }
        guard deployment.configuration.listeners.audience.isSecure else {
            throw Failure(
                .data, "`listeners.audience` must begin with https:// where `tls` is set",
                help: "agents' tokens are made out to it; tokens for another audience end")
        }
        let (agents, people) = try Self.contexts(deployment)
        self.agents = TLSIdentity(agents)
        self.people = TLSIdentity(people)
    }

    /// The end of the certificate that is served now, or nil without TLS.
    var certificateEnd: Timestamp? { people?.end }

    /// Reads the files again. Open connections keep the certificate that they began with. On any error nothing
    /// changes, and the program's log says so.
    func reload() {
        guard let agents, let people else { return }
        do throws(Failure) {
            let (forAgents, forPeople) = try Self.contexts(deployment)
            agents.replace(with: forAgents)
            people.replace(with: forPeople)
            log("tls: certificate and key are read again", part: "tls")
        } catch { log("tls: the old certificate stays: \(error.message)", .warning, part: "tls") }
    }

    private static func contexts(
        _ deployment: Deployment
    ) throws(Failure) -> (agents: TLSContext, people: TLSContext) {
        let settings = deployment.configuration.tls
        let certificate = try read(deployment, settings.certificate, "certificate", isSecret: false)
        let key = try read(deployment, settings.key, "key", isSecret: true)
        let clients: TLSContext.Clients
        switch settings.clients {
        case "pin": clients = .anyKey
        case "ca":
            clients = .signed(
                by: try read(deployment, settings.clientCA, "client_ca", isSecret: false))
        default: clients = .notAsked
        }
        do throws(TLSFailure) {
            return (
                try TLSContext(certificates: certificate, key: key, clients: clients),
                try TLSContext(certificates: certificate, key: key, clients: .notAsked)
            )
        } catch {
            let (name, path) =
                switch error.part {
                case .certificate, .library: ("certificate", settings.certificate)
                case .key: ("key", settings.key)
                case .clientAuthority, .serverAuthority: ("client_ca", settings.clientCA)
                }
            throw Failure(
                .data, "`tls.\(name)` \(deployment.resolve(path)): \(error.reason)",
                help: error.help)
        }
    }

    private static func read(
        _ deployment: Deployment, _ path: String, _ name: String, isSecret: Bool
    ) throws(Failure) -> [UInt8] {
        guard !path.isEmpty else {
            throw Failure(.data, "`tls.\(name)` is empty", help: "name a file in PEM")
        }
        do throws(KeyFailure) {
            // Renewed certificates are often reached through a link; the permissions of the file itself count.
            let path = deployment.resolve(path)
            return try PEMFile.read(File.realPath(path) ?? path, isSecret: isSecret)
        } catch { throw Failure(.data, "`tls.\(name)`: \(error.reason)", help: error.help) }
    }
}
