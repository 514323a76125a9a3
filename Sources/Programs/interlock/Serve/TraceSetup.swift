import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import InterlockTraceExport
import InterlockTransport

/// The exporter of `telemetry.otlp`.
struct TraceSetup: Sendable {
    /// Is nil if no collector is configured.
    private let exporter: TraceExporter?
    private let headers: [CollectorSettings.Header]
    private let secrets: SecretProvider

    /// - Throws: exit 65 with setting, cause and remedy if `telemetry.ca` is not a certificate.
    init(
        _ deployment: Deployment, _ gateway: Gateway, _ ledgerSetup: LedgerSetup, loops: LoopGroup,
        secrets: SecretProvider
    ) throws(Failure) {
        let settings = deployment.configuration.telemetry
        self.secrets = secrets
        headers = settings.otlp?.headers ?? []
        guard let collector = settings.otlp else {
            exporter = nil
            return
        }
        let fetcher = DocumentFetcher(
            clients: HTTPClients(loops: loops), privateOrigins: Set(texts: settings.privateOrigins),
            authorities: try TLSAuthorities.read(
                deployment, settings.authorities, setting: "telemetry.ca"))
        let ledger = gateway.ledger
        exporter = TraceExporter(
            TraceExporter.Setup(
                settings: collector, reader: ledgerSetup.reader, durable: { ledger.status.size },
                fetcher: fetcher, secrets: secrets, counters: gateway.counters,
                origin: deployment.configuration.ledger.origin),
            clock: SystemClock(), entropy: SystemEntropy())
    }

    /// Begins to export. Refuses the start if a secret is in no source; one that cannot be had now is asked for
    /// again with each batch.
    ///
    /// - Throws: exit 65 with the header, the cause and the remedy.
    func start() async throws(Failure) {
        for header in headers {
            do throws(KeyFailure) { _ = try await secrets.secret(named: header.secret) } catch {
                let problem = "`telemetry.otlp` header `\(header.name)`: \(error.reason)"
                guard error.code != .missing else {
                    throw Failure(.data, problem, help: error.help)
                }
                log(problem, .warning, part: "traces")
            }
        }
        await exporter?.start()
    }

    func stop() async { await exporter?.stop() }
}
