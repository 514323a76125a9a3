import InterlockHooks
import InterlockHostSettings
import InterlockJSON

/// The program that Claude Code starts before a session. The host refuses to start if it fails, and has no policy if it
/// prints another object.
enum PolicyHelperChecks {
    static func all(_ settings: ManagedSettings, _ facts: DoctorFacts) -> [DoctorCheck] {
        guard let program = facts.policyHelper else { return [] }
        let subject = PolicyHelperCommand(in: settings.files)?.path
        func failed(_ cause: String) -> [DoctorCheck] {
            [DoctorCheck(.policyHelper, subject, .failed, cause)]
        }
        switch program {
        case .absent: return failed("cannot be started: no new session begins")
        case .failed(let reason): return failed("\(reason): no new session begins")
        case .ended(let code, let output, let errors):
            guard code == 0 else {
                let line = errors.prefix(200).prefix { $0 != 0x0a }
                return failed(
                    "refuses new sessions with \(code): "
                        + String(decoding: line, as: UTF8.self))
            }
            guard let root = try? FileFacts.object(output) else {
                return failed("does not print one JSON object: no new session begins")
            }
            guard root.count == 1, let managed = root["managedSettings"]?.object else {
                return failed(
                    "prints another object than `managedSettings`: the host then has no policy")
            }
            guard hasHooks(managed, settings, facts) else {
                return failed("prints settings without the hooks of the managed file")
            }
            return [
                DoctorCheck(
                    .policyHelper, subject, facts.managedVerdict,
                    "lets a session begin after a good result, with the hooks of the managed file")
            ]
        }
    }

    private static func hasHooks(
        _ managed: JSONObject, _ settings: ManagedSettings, _ facts: DoctorFacts
    ) -> Bool {
        let printed = HookTable(managed, of: facts.host).entries
        return settings.expected.hooks.entries.allSatisfy { wanted in
            printed.contains { entry in
                sameBytes(entry.event, wanted.event) && entry.command == wanted.command
                    && HookHandlerRules.difference(of: entry, from: wanted, facts.host.facts) == nil
            }
        }
    }
}

/// The program that managed settings name as their helper, with the time that the host gives it.
package struct PolicyHelperCommand: Sendable, Hashable {
    package let path: String
    package let time: Duration

    /// The longest time that is waited, whatever the settings say.
    private static let longest: Int64 = 60_000

    /// - Returns: nil if no file that only root can change names the program of Interlock.
    package init?(in files: [FileFacts], user: DoctorFacts.User) {
        self.init(in: files.compactMap { try? ManagedSettings.File($0, user, isJSON: true) })
    }

    init?(in files: [ManagedSettings.File]) {
        let helpers = files.compactMap { $0.root?["policyHelper"] }
        guard let helper = helpers.last, let path = helper["path"]?.string,
            sameBytes(path, HookPaths.policyHelper)
        else { return nil }
        self.path = path
        let number = helper["timeoutMs"]?.integer ?? 5000
        time = .milliseconds(min(max(number, 1), Self.longest))
    }
}
