package import InterlockHooks

/// The checks of one host, in the order of `DoctorCheckName`.
package struct DoctorReport: Sendable {
    package let host: HookHost
    package let checks: [DoctorCheck]
    /// Is nil if no probe was asked for, and true if the host itself was started for one.
    private let isProbed: Bool?

    /// Judges what was read; the same facts give the same report.
    package init(_ facts: DoctorFacts) {
        host = facts.host
        isProbed = facts.probe.isMade
        let settings = ManagedSettings(facts)
        checks =
            UserChecks.all(facts)
            + settings.checks
            + HookChecks.all(settings, facts)
            + AdapterChecks.all(facts)
            + PolicyHelperChecks.all(settings, facts)
            + HostVersionChecks.all(facts)
            + settings.servers.checks
            + OwnSettingsChecks.all(settings, facts)
            + EnvironmentChecks.all(settings, facts)
            + ServerListChecks.all(settings, facts)
            + GatewayChecks.all(facts)
            + SandboxChecks.all(facts)
            + ProbeChecks.all(facts)
    }

    /// The answer for several hosts.
    package static func outcome(of reports: [DoctorReport]) -> DoctorOutcome {
        let verdicts = reports.flatMap(\.checks).map(\.verdict)
        // Nothing was found out if there is no host.
        if verdicts.isEmpty { return .unknown }
        if verdicts.contains(.failed) { return .failed }
        // A probe that was asked for, and made of no host, found nothing out.
        let probes = reports.compactMap(\.isProbed)
        if !probes.isEmpty, !probes.contains(true) { return .unknown }
        return verdicts.contains(.unknown) ? .unknown : .good
    }
}
