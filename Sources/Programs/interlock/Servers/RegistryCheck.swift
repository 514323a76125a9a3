import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTransport

/// Queries a registry for the status of the versions in the lock. A version that it calls deleted is quarantined at
/// the running gateway; no response of the registry grants anything.
struct RegistryCheck {
    private let registry: CanonicalURI
    private let invocation: Invocation

    /// Returns nil without `--registry`.
    ///
    /// - Throws: 64 for an address that is neither https nor on this machine.
    init?(_ invocation: Invocation) throws(Failure) {
        guard let text = invocation["registry"] else { return nil }
        guard let registry = CanonicalURI(url: text),
            registry.origin.hasPrefix("https://") || Self.isLocal(registry.origin)
        else {
            throw Failure(
                .usage, "`\(TerminalEscaping.shown(text))` is no address of a registry",
                help: "--registry https://registry.modelcontextprotocol.io")
        }
        self.registry = registry
        self.invocation = invocation
    }

    private static func isLocal(_ origin: String) -> Bool {
        let authority = origin.dropFirst("http://".count)
        return origin.hasPrefix("http://")
            && ["127.0.0.1", "localhost"].contains(authority.prefix { $0 != ":" })
    }

    private enum Finding {
        case entry(RegistryEntry)
        case unknown
        case unheard(String)
    }

    /// - Returns: whether every queried version exists and is not deleted.
    /// - Throws: 69 or the gateway's error, after all queries, if a response is missing or a quarantine failed.
    func run(
        _ servers: [ServerName], of lock: PolicyLock, _ deployment: Deployment
    ) async throws(Failure) -> Bool {
        let loops = LoopGroup()
        defer { loops.stop() }
        // The operator named this registry, so it may have a private address.
        let fetcher = DocumentFetcher(
            clients: HTTPClients(loops: loops), privateOrigins: [ExactText(registry.origin)])
        var isGood = true
        var failure: Failure?
        for server in servers {
            guard let entry = lock.servers[server], let name = entry.name,
                let version = entry.version
            else {
                tell(server, nil, "the lock has no name or version of a registry: not asked")
                continue
            }
            switch await ask(fetcher, name, version) {
            case .unheard(let reason):
                tell(server, nil, "the registry cannot be understood: \(reason)")
                failure = Failure(.unavailable, "the registry did not say all")
            case .unknown:
                tell(server, nil, "the registry has no \(name) \(version)")
                isGood = false
            case .entry(let found):
                tell(server, found, "the registry says: \(found.status.rawValue)")
                guard found.status == .deleted else { continue }
                isGood = false
                do throws(Failure) { try quarantine(server, name, version, deployment) } catch {
                    failure = Failure(
                        error.exit, "\(server) is not quarantined: \(error.message)",
                        help: "interlock servers quarantine \(server) --reason WHY")
                }
            }
        }
        if let failure { throw failure }
        return isGood
    }

    private func ask(
        _ fetcher: DocumentFetcher, _ name: String, _ version: String
    ) async -> Finding {
        let url = registry.text + RegistryEntry.path(name: name, version: version)
        let answer: ClientResponse
        switch await fetcher.send(url, accept: "application/json") {
        case .failure(let failure): return .unheard(failure.reason)
        case .success(let response): answer = response
        }
        switch answer.head.status {
        case 200: break
        case 404: return .unknown
        default: return .unheard("it answers \(answer.head.status)")
        }
        do throws(FormError) {
            return .entry(try RegistryEntry(parsing: answer.body, name: name, version: version))
        } catch { return .unheard("\(error)") }
    }

    private func quarantine(
        _ server: ServerName, _ name: String, _ version: String, _ deployment: Deployment
    ) throws(Failure) {
        _ = try GatewayClient(deployment).post(
            "/v1/servers/\(server)/quarantine",
            ["reason": .string("the registry \(registry.origin) says that \(version) is deleted")])
        Output.error("interlock: \(server) is quarantined")
    }

    private func tell(_ server: ServerName, _ entry: RegistryEntry?, _ text: String) {
        if invocation.has("json") {
            Output.json([
                "server": .string(server.text),
                "registry": entry.map { .string($0.status.rawValue) } ?? .null,
                "message": .string(entry?.message ?? text),
            ])
        } else {
            let said = entry?.message.map { " (\(TerminalEscaping.shown($0)))" } ?? ""
            Output.line("\(server): \(TerminalEscaping.shown(text))\(said)")
        }
    }
}
