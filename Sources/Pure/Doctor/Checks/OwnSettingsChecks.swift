import InterlockHooks
import InterlockJSON

/// The settings of the user and the project, which the agent can change: none may switch hooks off, and a hook there counts
/// only where the managed settings do not shut it out.
enum OwnSettingsChecks {
    static func all(_ settings: ManagedSettings, _ facts: DoctorFacts) -> [DoctorCheck] {
        let checks = facts.ownSettings.flatMap { file in
            all(of: file, settings, facts).map { verdict, cause, help in
                DoctorCheck(.ownSettings, file.path, verdict, cause, help: help)
            }
        }
        guard checks.isEmpty else { return checks }
        return [
            DoctorCheck(
                .ownSettings, nil, settings.ignoresOtherHooks ? facts.managedVerdict : .guidance,
                "no hooks of the user and of the project")
        ]
    }

    private typealias Finding = (verdict: DoctorVerdict, cause: String, help: String?)
    private static let remedy = "remove it, or ask root to install it with the managed settings"

    private static func all(
        of file: FileFacts, _ settings: ManagedSettings, _ facts: DoctorFacts
    ) -> [Finding] {
        let bytes: [UInt8]
        switch file.content {
        case .absent: return []
        case .unreadable(let reason): return [(.unknown, "cannot be read: \(reason)", nil)]
        case .bytes(let found): bytes = found
        }
        // A host ignores an empty file.
        guard !FileFacts.isBlank(bytes) else { return [] }
        // They ask the same adapter as the managed ones: of a run, or of an installation for a user.
        guard bytes != settings.expected.bytes else {
            return [(facts.managedVerdict, "has the hooks of Interlock, and no others", nil)]
        }
        guard !file.path.hasSuffix(".toml") else { return findings(inTOML: bytes) }
        do throws(FileFault) {
            return findings(in: try FileFacts.relaxedObject(bytes), settings, facts)
        } catch {
            return [(.failed, "\(error.cause), so that its hooks are not known", remedy)]
        }
    }

    private static func findings(
        in root: JSONObject, _ settings: ManagedSettings, _ facts: DoctorFacts
    ) -> [Finding] {
        var findings: [Finding] = []
        if let value = root["disableAllHooks"], value != .bool(false) {
            findings.append((.failed, "`disableAllHooks` is set", "remove the member"))
        }
        let table = HookTable(root, of: facts.host)
        // One is enough: a hostile file may have as many as it has bytes.
        findings += table.problems.prefix(1).map {
            (.failed, "its hooks are not known: \($0)", remedy)
        }
        guard !table.entries.isEmpty else { return findings }
        if let allowing = table.entries.first(where: saysAllow) {
            findings.append((.failed, "a hook of `\(allowing.event)` says `allow`", remedy))
        } else if settings.ignoresOtherHooks {
            findings.append(
                (
                    .enforced(at: .managedSettings),
                    "the host ignores its \(table.entries.count) hooks", nil
                ))
        } else {
            findings.append(
                (
                    .failed,
                    "has \(table.entries.count) hooks, which the managed settings do not shut out",
                    remedy
                ))
        }
        return findings
    }

    /// True if the text of the hook has the word. A program that it starts can say it, too.
    private static func saysAllow(_ entry: HookTable.Entry) -> Bool {
        String(decoding: JSONValue.object(entry.handler).serialized(), as: UTF8.self)
            .lowercased().contains("allow")
    }

    private static func findings(inTOML bytes: [UInt8]) -> [Finding] {
        guard String(decoding: bytes, as: UTF8.self).contains("hooks") else { return [] }
        return [(.failed, "mentions hooks, and its format is not read further", remedy)]
    }
}
