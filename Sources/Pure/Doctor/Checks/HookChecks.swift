import InterlockHooks
import InterlockJSON

/// The hooks of the managed settings: no entry by which the host opens, and one of ours for each event.
enum HookChecks {
    /// The most faults of one file that are listed.
    private static let mostFaults = 20

    static func all(_ settings: ManagedSettings, _ facts: DoctorFacts) -> [DoctorCheck] {
        guard !settings.files.isEmpty else { return [] }
        guard settings.expected.root != nil else { return [whole(settings, facts)] }
        let host = facts.host.facts
        var faults: [DoctorCheck] = []
        var entries: [HookTable.Entry] = []
        for file in settings.files {
            let table = HookTable(file.root ?? [:], of: facts.host)
            entries += table.entries
            let causes =
                table.problems + table.entries.flatMap { HookHandlerRules.faults(of: $0, host) }
            faults += causes.prefix(mostFaults).map {
                DoctorCheck(.handlers, file.path, .failed, $0, help: facts.installHelp)
            }
        }
        return [coverage(entries, settings, facts)] + faults + others(entries, settings)
    }

    /// The hooks by which the installer's events start the adapter.
    private static func coverage(
        _ entries: [HookTable.Entry], _ settings: ManagedSettings, _ facts: DoctorFacts
    ) -> DoctorCheck {
        let expected = settings.expected.hooks.entries
        var missing: [String] = []
        for wanted in expected {
            let ours = entries.filter {
                sameBytes($0.event, wanted.event) && $0.command == wanted.command
            }
            let differences = ours.map {
                HookHandlerRules.difference(of: $0, from: wanted, facts.host.facts)
            }
            if differences.contains(nil) { continue }
            missing.append(
                differences.first.flatMap(\.self).map { "\(wanted.event) (\($0))" } ?? wanted.event)
        }
        let path = settings.files[0].path
        guard missing.isEmpty else {
            let some = missing.prefix(3).joined(separator: ", ")
            let more = missing.count > 3 ? " and \(missing.count - 3) more" : ""
            return DoctorCheck(
                .hooks, path, .failed,
                "no hook of Interlock as it is installed for \(some)\(more)",
                help: facts.installHelp)
        }
        return DoctorCheck(
            .hooks, path, facts.managedVerdict,
            "\(expected.count) events start `\(settings.expected.adapter)`")
    }

    private static func others(
        _ entries: [HookTable.Entry], _ settings: ManagedSettings
    ) -> [DoctorCheck] {
        let own = settings.expected.hooks.entries.compactMap(\.command)
        let count = entries.count { entry in !own.contains { $0 == entry.command } }
        guard count > 0 else { return [] }
        return [
            DoctorCheck(
                .handlers, settings.files[0].path, .guidance,
                "\(count) hooks of others, which root has installed, are not judged")
        ]
    }

    /// The check of a file in a format that is not parsed: it is what the installer writes, or it is not known.
    private static func whole(_ settings: ManagedSettings, _ facts: DoctorFacts) -> DoctorCheck {
        let path = settings.files[0].path
        guard !settings.expected.bytes.isEmpty else {
            return DoctorCheck(
                .hooks, path, .unknown, "no settings of this host are generated to compare it with")
        }
        guard settings.files.contains(where: { $0.bytes == settings.expected.bytes }) else {
            return DoctorCheck(
                .hooks, path, .failed,
                "is not the file that is installed, and its format is not read otherwise",
                help: facts.installHelp)
        }
        return DoctorCheck(
            .hooks, path, facts.managedVerdict, "is the file that the installer writes")
    }
}
