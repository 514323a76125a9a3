/// The result of one check of an installation: its verdict, the cause in a sentence without a full stop, and a remedy if
/// there is one.
package struct DoctorCheck: Sendable, Hashable {
    package let name: DoctorCheckName
    /// The file, program or address that was checked, or nil if the check has no single one.
    package let subject: String?
    package let verdict: DoctorVerdict
    /// May contain text of the files that were read: it must be escaped before it is printed.
    package let cause: String
    package let help: String?

    init(
        _ name: DoctorCheckName, _ subject: String? = nil, _ verdict: DoctorVerdict,
        _ cause: String, help: String? = nil
    ) {
        self.name = name
        self.subject = subject
        self.verdict = verdict
        self.cause = cause
        self.help = help
    }
}

/// The strength of one control, or the reason why it is not known.
package enum DoctorVerdict: Sendable, Hashable {
    case enforced(at: EnforcementPoint)
    /// It helps a host that behaves, and stops no other; or it was never tested with the host's program.
    case guidance
    case failed
    /// The check could not be made.
    case unknown

    package var text: String {
        switch self {
        case .enforced(let point): "enforced at \(point.rawValue)"
        case .guidance: "guidance"
        case .failed: "failed"
        case .unknown: "unknown"
        }
    }

    /// The word without the place, for programs.
    package var word: String {
        if case .enforced = self { "enforced" } else { text }
    }

    package var point: EnforcementPoint? {
        if case .enforced(let point) = self { point } else { nil }
    }
}

/// The part of the system that keeps a control when the agent does not.
package enum EnforcementPoint: String, Sendable, Hashable, CaseIterable {
    case managedSettings = "managed settings"
    case hook
    case gateway
    case signer
    case sandbox
}

/// The checks, in the order in which they are printed. The raw value is the name in lines and in JSON.
package enum DoctorCheckName: String, Sendable, Hashable, CaseIterable {
    case user
    case managedFile = "managed-file"
    case settings
    case hooks
    case handlers = "hook-handlers"
    case adapter = "hook-program"
    case policyHelper = "policy-helper"
    case hostVersion = "host-version"
    case managedServers = "managed-servers"
    case ownSettings = "own-settings"
    case environment
    case serverList = "server-list"
    case endpoint
    case gateway
    case lastEvent = "last-event"
    case logKey = "log-key"
    case sandbox
    case probe
}
