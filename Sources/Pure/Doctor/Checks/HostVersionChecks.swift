import InterlockHooks

/// The version of the host's program against the one that the facts about its hooks were tested with.
enum HostVersionChecks {
    static func all(_ facts: DoctorFacts) -> [DoctorCheck] {
        let known = facts.host.facts
        func check(_ verdict: DoctorVerdict, _ cause: String, _ help: String? = nil)
            -> [DoctorCheck]
        { [DoctorCheck(.hostVersion, nil, verdict, cause, help: help)] }
        guard known.isVerified, let tested = HostVersion(known.version) else {
            return check(
                .guidance,
                "the hooks of this host are not tested as a whole; they are known from `\(known.version)`"
            )
        }
        switch facts.version {
        case .absent: return check(.unknown, "the host's program is not in PATH")
        case .failed(let reason): return check(.unknown, "its version is not known: \(reason)")
        case .ended(let code, let output, _):
            guard code == 0, let version = HostVersion(output: output) else {
                return check(.unknown, "`--version` ended with \(code) and no version")
            }
            if version < tested {
                return check(
                    .failed, "version \(version) is older than \(tested): its hooks may open",
                    "update the host")
            }
            if version == tested {
                return check(
                    .enforced(at: .managedSettings),
                    "version \(version), with which the hooks were tested")
            }
            return check(
                .guidance, "version \(version) is newer than \(tested), the tested one")
        }
    }
}
