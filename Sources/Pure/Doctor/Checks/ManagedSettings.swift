import InterlockHooks
import InterlockHostSettings
import InterlockJSON

/// The managed settings of a host as far as they are in effect: the files that this user can read and no user but root can
/// change, and the checks of all of them.
struct ManagedSettings {
    struct File {
        let path: String
        /// Is nil for a file that is not JSON.
        let root: JSONObject?
        let bytes: [UInt8]

        /// - Throws: a fault if its content is not in effect for this user, or another than root can change it.
        init(_ facts: FileFacts, _ user: DoctorFacts.User, isJSON: Bool) throws(FileFault) {
            bytes = try facts.requiredBytes()
            if let weakness = facts.weakness(isRootMapped: user.isRootMapped) {
                throw FileFault(weakness, help: FileFault.ownerHelp)
            }
            root = isJSON ? try FileFacts.object(bytes) : nil
            path = facts.path
        }
    }

    let checks: [DoctorCheck]
    /// The files in effect, in the order in which the host reads them.
    let files: [File]
    let servers: ManagedServerChecks
    let expected: ExpectedSettings
    /// True if the host ignores the hooks of users and projects.
    let ignoresOtherHooks: Bool

    init(_ facts: DoctorFacts) {
        let expected = ExpectedSettings(facts.host, isRun: !facts.user.isRootMapped)
        var checks: [DoctorCheck] = []
        var files: [File] = []
        for file in facts.managed where !file.isAbsent {
            do throws(FileFault) {
                files.append(try File(file, facts.user, isJSON: expected.root != nil))
                checks.append(
                    DoctorCheck(
                        .managedFile, file.path, facts.managedVerdict,
                        "is in effect for this user, and only root can change it"))
            } catch {
                checks.append(
                    DoctorCheck(
                        .managedFile, file.path, .failed, error.cause,
                        help: error.help ?? facts.installHelp))
            }
        }
        if checks.isEmpty { checks.append(Self.absence(facts)) }
        if !files.isEmpty, facts.host == .claudeCode {
            checks += SettingsChecks.all(files, expected)
        }
        self.checks = checks
        self.files = files
        self.expected = expected
        servers = ManagedServerChecks(facts)
        ignoresOtherHooks =
            facts.host == .claudeCode && !files.isEmpty
            && files.contains { $0.root?["allowManagedHooksOnly"] == .bool(true) }
            && files.allSatisfy { $0.root?["allowManagedHooksOnly"] ?? true == .bool(true) }
    }

    private static func absence(_ facts: DoctorFacts) -> DoctorCheck {
        DoctorCheck(
            .managedFile, facts.managed.first?.path, .failed,
            "does not exist, so that the host asks no hook of Interlock",
            help: facts.installHelp)
    }
}

extension DoctorFacts {
    /// The verdict of a control that the managed settings keep: it is guidance if the host's program was never tested.
    var managedVerdict: DoctorVerdict {
        host.facts.isVerified ? .enforced(at: .managedSettings) : .guidance
    }

    /// The way to repair the files of a host.
    var installHelp: String? {
        user.isRootMapped
            ? "as root: interlock hook install \(host.rawValue)"
            : "the launcher of the run supplies it: start the run again"
    }
}
