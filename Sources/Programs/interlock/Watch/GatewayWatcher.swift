import InterlockAdministration
import InterlockAlerts
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPorts
import InterlockWitnessing
import Synchronization

/// Looks at a gateway from outside at a fixed interval, and notifies through its own channels.
final class GatewayWatcher: Sendable {
    private let gateway: PolledGateway
    private let trust: TrustFiles
    private let keys = Mutex<[VerifierKey]>([])
    private let channels: [WatchChannel]
    private let every: Duration
    private let after: Duration
    private let clock = SystemClock()
    private let entropy = SystemEntropy()

    init(
        _ gateway: PolledGateway, trust: TrustFiles, channels: [WatchChannel], every: Duration,
        after: Duration
    ) {
        (self.gateway, self.trust, self.channels) = (gateway, trust, channels)
        (self.every, self.after) = (every, after)
    }

    /// Reads the keys of the gateway.
    ///
    /// - Throws: exit 66 if there is no trust file, 65 if it is invalid or names no log.
    func load() throws(Failure) {
        let logs = try trust.load().policy.logs.map(\.key)
        guard !logs.isEmpty else {
            throw Failure(
                .data, "`\(trust.path)` has no `log` line",
                help: "copy the line `log VKEY` of the gateway's trust.policy")
        }
        keys.withLock { $0 = logs }
    }

    /// Reads the keys again; on an error the earlier ones stay.
    func reload() {
        do throws(Failure) { try load() } catch {
            log(
                LogLine(
                    "the trust file stays as it was: \(error.message)", .warning, part: "watch"))
        }
    }

    /// Runs until its task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for channel in channels { group.addTask { await channel.run() } }
            await look()
        }
    }

    private func look() async {
        var watch = GatewaySilenceDetector(patience: after, at: clock.boot)
        var problem: String?
        while !Task.isCancelled {
            let found = await gateway.statement(
                trusting: keys.withLock { $0 }, challenge: entropy)
            switch found {
            case .success: problem = nil
            case .failure(let fault) where fault.reason != problem:
                problem = fault.reason
                log(LogLine("no statement: \(fault.reason)", .warning, part: "watch"))
            case .failure: break
            }
            for event in watch.events(of: found, at: clock.boot) { await notify(of: event) }
            try? await Task.sleep(for: every)
        }
    }

    private func notify(of event: GatewaySilenceDetector.Event) async {
        let now = clock.wall
        let id = AlertID(milliseconds: now.milliseconds, random: entropy.bytes(10))
        guard let alert = event.notification(of: gateway.url, id: id, at: now) else { return }
        log(LogLine(alert.summary.text, .warning, part: "watch"))
        for channel in channels { await channel.add(alert) }
    }
}

/// One channel of a watcher, with the alerts that it did not take yet, the oldest first.
actor WatchChannel {
    private let channel: any NotificationChannel
    private var waiting: [OutgoingNotification] = []
    private var nap: Task<Void, Never>?

    /// The most alerts that wait; a gateway that comes and goes loses its oldest ones.
    private static let most = 100
    private static let pause: Duration = .seconds(10)

    init(_ channel: any NotificationChannel) { self.channel = channel }

    func add(_ alert: OutgoingNotification) {
        if waiting.count == Self.most { waiting.removeFirst() }
        waiting.append(alert)
        nap?.cancel()
    }

    /// Runs until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            if let alert = waiting.first, await deliver(alert) {
                waiting.removeAll { $0.id == alert.id }
                continue
            }
            await rest()
        }
    }

    private func deliver(_ alert: OutgoingNotification) async -> Bool {
        switch await channel.send(alert, held: 0) {
        case .delivered: return true
        case .failed(let reason), .refused(let reason):
            log(
                LogLine(
                    "`\(channel.name)` did not take \(alert.kind): \(reason)", .error,
                    part: "watch"))
            return false
        }
    }

    private func rest() async {
        let nap = Task { _ = try? await Task.sleep(for: Self.pause) }
        self.nap = nap
        await withTaskCancellationHandler {
            await nap.value
        } onCancel: {
            nap.cancel()
        }
        self.nap = nil
    }
}
