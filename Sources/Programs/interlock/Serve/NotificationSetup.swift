import InterlockAPI
import InterlockAdministration
import InterlockAlerts
import InterlockApprovals
import InterlockCommandLine
import InterlockConfiguration
import InterlockConsole
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockNotification
import InterlockPolicy
import InterlockPorts
import InterlockSandbox
import InterlockStore
import InterlockTransport

/// The channels of `alerts.channels`, and the service that notifies through them.
struct NotificationSetup: Sendable {
    let service: NotificationService
    /// The pages that links in e-mails lead to. Is nil without a console.
    let pages: (any RequestHandler)?
    let alive: AliveStatements
    private let secrets: SecretProvider
    private let channels: [ChannelSettings]
    private let mail: JobThread?
    private let deadMan: Task<Void, Never>?

    /// - Throws: exit 65 with setting, cause and remedy if `alerts.ca` is not a certificate.
    init(
        _ deployment: Deployment, _ gateway: Gateway, _ approvals: ApprovalService,
        store: any NodeStore, loops: LoopGroup, secrets: SecretProvider, keys: NodeKeys,
        statements: any NodeStatementSigner
    ) throws(Failure) {
        let secret = keys.pseudonym
        let configuration = deployment.configuration
        let linkKey = hmacSHA256(key: secret, Array("interlock/deny-link/1".utf8))
        let denials = DenialLinkService(
            approvals: approvals, store: store, clock: SystemClock(),
            hashing: OpenSSLHashing(), code: { hmacSHA256(key: linkKey, $0) })
        let makers = try ChannelMaker(deployment, loops: loops, secrets: secrets)
        let served = configuration.approvals.servedConsole
        let console = served?.url
        service = NotificationService(
            configuration.alerts.channels.map { settings in
                let channel = makers.channel(settings)
                guard let console, case .email = settings.way else { return channel }
                return LinkedChannel(channel, denials, console: console)
            }, NotificationRoutes(configuration, console: console),
            NotificationPorts(
                outbox: store, notices: store, alarms: store,
                owner: { gateway.policy.snapshot.agents[$0]?.owner }, ledger: gateway.ledger,
                records: gateway.records,
                clock: SystemClock(), entropy: SystemEntropy(), log: { log($0) }))
        pages = served?.party.map {
            DenialPages(
                origins: $0.origins, denials: denials, clock: SystemClock(),
                hashing: OpenSSLHashing())
        }
        mail = makers.mail
        let alive = AliveStatements(
            gateway, service, origin: configuration.ledger.origin,
            sign: { payload in
                // A signer of another process is waited for, which no event loop may do.
                await Task.detached { try? statements.envelope(.alive, payload) }.value
            })
        self.alive = alive
        deadMan = configuration.alerts.deadMan.map { settings in
            let one = DeadManSwitch(
                statements: alive, settings: settings, fetcher: makers.fetcher)
            return Task { await one.run() }
        }
        self.secrets = secrets
        channels = configuration.alerts.channels
    }

    /// Refuses the start if a secret is in no source. If a source cannot deliver its secret now, this is logged, and
    /// the secret is requested again for each notification.
    ///
    /// - Throws: exit 65 with the channel, the cause and the remedy.
    func checkSecrets() async throws(Failure) {
        for channel in channels {
            guard let name = channel.secret else { continue }
            do throws(KeyFailure) { _ = try await secrets.secret(named: name) } catch {
                let problem = "`alerts.channels` \(channel.name): \(error.reason)"
                guard error.code != .missing else {
                    throw Failure(.data, problem, help: error.help)
                }
                log(problem, .warning, part: "alerts")
            }
        }
    }

    func stop() async {
        deadMan?.cancel()
        await service.stop()
        mail?.close()
    }
}

extension NotificationRoutes {
    init(_ configuration: Configuration, console: String?) {
        self.init()
        let channels = configuration.alerts.channels
        notify = Set(configuration.approvals.notify)
        personal = Set(
            channels.filter {
                if case .email(let mail) = $0.way { mail.to.isEmpty } else { false }
            }.map(\.name))
        ops = Set(channels.map(\.name).filter { $0.text == ChannelSettings.ops })
        pages = Set(channels.filter(\.isPage).map(\.name))
        self.console = console
        log = configuration.ledger.origin
        showsArguments = configuration.approvals.notifyArguments
    }
}

/// Makes channels from their settings.
private struct ChannelMaker {
    let mail: JobThread?
    let fetcher: DocumentFetcher
    private let secrets: SecretProvider
    private let authorities: TLSAuthorities?
    private let launcher: @Sendable () throws(LaunchFailure) -> CommandLauncher

    /// The maximum number of e-mails of all channels that wait for the thread.
    private static let mostMails = 64

    init(_ deployment: Deployment, loops: LoopGroup, secrets: SecretProvider) throws(Failure) {
        let settings = deployment.configuration.alerts
        authorities = try TLSAuthorities.read(
            deployment, settings.authorities, setting: "alerts.ca")
        fetcher = DocumentFetcher(
            clients: HTTPClients(loops: loops), privateOrigins: Set(texts: settings.privateOrigins),
            authorities: authorities)
        self.secrets = secrets
        let kept = try deployment.hidden()
        launcher = { () throws(LaunchFailure) in
            try CommandLauncher(launcher: try HostPaths.launcherBesideProgram(), kept: kept)
        }
        let hasMail = settings.channels.contains {
            if case .email = $0.way { true } else { false }
        }
        mail = hasMail ? JobThread("mail", limit: Self.mostMails) : nil
    }

    func channel(_ settings: ChannelSettings) -> any NotificationChannel {
        switch settings.way {
        case .exec(let words): ExecChannel(name: settings.name, words: words, launcher: launcher)
        case .webhook(let url, let name):
            WebhookChannel(
                settings.name, url: url, fetcher: fetcher, secret: secret(name),
                code: { hmacSHA256(key: $0, $1) }, clock: SystemClock())
        case .slack(let name): SlackChannel(settings.name, fetcher: fetcher, address: secret(name))
        case .email(let server):
            MailChannel(
                settings.name,
                server: MailServer(url: server.smtp, user: server.user, authorities: authorities),
                from: server.from, to: server.to, password: server.secret.map(secret),
                thread: { [mail] job in mail?.submit(job) ?? false }, clock: SystemClock())
        }
    }

    private func secret(_ name: String) -> ChannelSecret {
        { [secrets] in
            do throws(KeyFailure) { return .success(try await secrets.secret(named: name)) } catch {
                return .failure(ChannelSecretFailure(reason: error.reason))
            }
        }
    }
}
