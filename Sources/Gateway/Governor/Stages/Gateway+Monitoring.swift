import InterlockAlerts
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockMonitoring
import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// Observes a call after its end is durable.
    func observe(_ inspected: InspectedCall) {
        let call = inspected.call
        guard !call.isPreview, !call.principal.agent.isCanary else { return }
        let resolved = inspected.resolved
        let now = clock.now
        var bytes = 0
        if case .result = inspected.shown {
            bytes = (inspected.changed ?? inspected.result)?.count ?? 0
        }
        let agent = call.principal.agent
        let found = monitors.agents.observe(
            AgentMonitorService.ObservedCall(
                agent: agent, run: call.principal.run, address: resolved.address,
                arguments: resolved.arguments, bytesOut: bytes,
                isOutsideHours: resolved.policy.isFarOutsideHours(agent, at: now.wall)), at: now)
        for finding in found { raise(finding, at: now) }
    }

    /// Observes a denial after its record was passed to the log.
    func observe(denial record: RecordDraft) {
        guard record.type == .callDenied, let run = record.run, !run.agent.isCanary else { return }
        let now = clock.now
        let kind = DenialKind(code: record.fields["code"]?.string)
        let found = monitors.agents.observe(
            denialOf: run.agent, run.run, isCounted: kind == .counted || kind == .observed,
            isOutsideHours: policy.snapshot.isFarOutsideHours(run.agent, at: now.wall), at: now)
        for finding in found { raise(finding, at: now) }
    }

    /// Observes a host that a connection outside of any call names.
    func observe(host: String, of agent: AgentName, _ run: RunID) {
        let now = clock.now
        guard monitors.agents.isFirst(host: host, of: agent) else { return }
        raise(signal: .firstHost, of: agent, run, detail: host, at: now)
    }

    /// Called every second.
    func sweepMonitor() {
        let now = clock.now
        let found = monitors.agents.sweep(at: now) { halt(of: $0) != nil }
        for finding in found { raise(finding, at: now) }
    }

    private func raise(_ finding: AgentMonitorService.Detection, at now: ClockReading) {
        switch finding {
        case .signal(let signal, let agent, let run, let tool, let detail):
            raise(signal: signal, of: agent, run, tool: tool, detail: detail, at: now)
        case .learned(let alarm, let agent, let verdict): raise(alarm, of: agent, verdict, now)
        }
    }

    /// - Parameter detail: the new item; may contain text that the agent chose.
    func raise(
        signal: WatchedSignal, of agent: AgentName, _ run: RunID?, tool: ToolAddress? = nil,
        detail: String? = nil, at now: ClockReading
    ) {
        var alarm = RaisedAlert(id: newID(), code: signal.code, subject: agent.text, at: now.wall)
        alarm.agent = agent
        alarm.run = run
        alarm.severity = signal.isGrave ? .high : .low
        alarm.isTold = monitors.agents.delivers(signal)
        alarm.detectors = [signal.rawValue]
        alarm.summary = signal.text(agent, tool, detail)
        var fields: JSONObject = [:]
        fields["tool"] = tool.map { .string($0.leafName) }
        raise(alarm, fields)
        ports.ladder.take(
            RaisedSignal(
                id: alarm.id, agent: agent, run: run, basis: .deterministic(signal),
                severity: alarm.severity ?? .low, at: now))
    }

    private func raise(
        _ learned: LearnedAlert, of agent: AgentName, _ verdict: AlertBudget.Verdict,
        _ now: ClockReading
    ) {
        var alarm = RaisedAlert(
            id: newID(), code: "detector.\(learned.series.rawValue)", subject: agent.text,
            at: now.wall)
        alarm.agent = agent
        alarm.severity = learned.isDiscovery ? .high : .low
        alarm.isTold = verdict != .grouped
        alarm.series = learned.series.rawValue
        alarm.detectors = learned.detectors.map(\.rawValue)
        alarm.window = AlertWindow(learned)
        alarm.summary = learned.text(agent, verdict)
        raise(
            alarm,
            [
                "cnt": .integer(Int64(learned.count)),
                "exp": .integer(Int64(learned.expected.rounded())),
            ])
        ports.ladder.take(
            RaisedSignal(
                id: alarm.id, agent: agent, run: nil,
                basis: .learned(learned.series, isDiscovery: learned.isDiscovery),
                severity: alarm.severity ?? .low, at: now, detectors: learned.detectors))
    }
}

extension WatchedSignal {
    fileprivate func text(_ agent: AgentName, _ tool: ToolAddress?, _ detail: String?)
        -> NotificationText
    {
        let (name, tool, detail) = (agent.text, tool?.wireName ?? "-", detail ?? "-")
        return switch self {
        case .firstServer: "\(name) used a server for the first time: \(tool)"
        case .firstTool: "\(name) used a tool for the first time: \(tool)"
        case .firstShape: "\(name) called \(tool) with arguments of a new shape"
        case .firstHost where tool == "-":
            "\(name) connected to a host for the first time: \(detail)"
        case .firstHost: "\(name) named a host for the first time, to \(tool): \(detail)"
        case .firstRecipient: "\(name) named a recipient for the first time, to \(tool)"
        case .outsideHours: "\(name) acts more than an hour outside its hours"
        case .longRun: "a run of \(name) has been open for unusually long: \(detail)"
        case .twoWorkloads: "a token of \(name) was used from a second place; that was refused"
        }
    }
}

extension AlertWindow {
    fileprivate init(_ learned: LearnedAlert) {
        self.init(
            seconds: learned.series.windowSeconds, count: learned.count,
            expected: Int(exactly: learned.expected.rounded()) ?? .max, before: learned.before,
            readings: Detector.allCases.compactMap { detector in
                learned.readings[detector].map {
                    Reading(
                        detector: detector.rawValue, statistic: $0.statistic,
                        threshold: $0.threshold, isOver: $0.isOver)
                }
            })
    }
}

extension LearnedAlert {
    fileprivate func text(_ agent: AgentName, _ verdict: AlertBudget.Verdict) -> NotificationText {
        let (name, what) = (agent.text, series.rawValue)
        let by = detectors.map(\.rawValue).joined(separator: " ")
        let seconds = Int(series.windowSeconds)
        let usual = Int(expected.rounded())
        return switch verdict {
        case .tell(grouped: 0), .grouped:
            "\(what) of \(name): \(count) in \(seconds) s, usually about \(usual) (\(by))"
        case .tell(let grouped):
            "\(what) of \(name): \(count) in \(seconds) s, usually about \(usual) (\(by)); \(grouped) alarms before it were grouped"
        case .beginGroup:
            "\(what) of \(name): \(count) in \(seconds) s, usually about \(usual) (\(by)); its budget of the week is spent, so further alarms are on record alone until it is not"
        }
    }
}

extension PolicySnapshot {
    /// Returns whether the time is more than an hour outside the agent's hours; false for an agent without hours.
    fileprivate func isFarOutsideHours(_ agent: AgentName, at now: Timestamp) -> Bool {
        agents[agent]?.isFarOutsideHours(at: now) ?? false
    }
}
