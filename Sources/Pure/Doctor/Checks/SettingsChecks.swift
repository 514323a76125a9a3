import InterlockHooks
import InterlockJSON

/// The members of Claude Code's managed settings besides the hooks, compared with those that the installer writes. The host
/// merges its files, so that each member must be right in one file and wrong in none.
enum SettingsChecks {
    static func all(
        _ files: [ManagedSettings.File], _ expected: ExpectedSettings
    ) -> [DoctorCheck] {
        var faults: [DoctorCheck] = []
        for leaf in leaves(of: expected.root ?? [:], below: []) {
            let found = files.compactMap { file in
                value(at: leaf.path, in: file.root).map { (file.path, $0) }
            }
            let name = leaf.path.joined(separator: ".")
            if let fault = fault(leaf, found.map(\.1)) {
                faults.append(
                    DoctorCheck(
                        .settings, found.first?.0 ?? files[0].path, .failed, "`\(name)` \(fault)",
                        help: "as root: interlock hook install claude-code"))
            }
        }
        for file in files {
            for cause in weakenings(of: file.root ?? [:]) {
                faults.append(DoctorCheck(.settings, file.path, .failed, cause))
            }
        }
        guard faults.isEmpty else { return faults }
        return [
            DoctorCheck(
                .settings, nil, .enforced(at: .managedSettings),
                "hooks and permission rules of others are ignored, and the rules of `permissions.deny` refuse reads"
            )
        ]
    }

    private struct Leaf {
        let path: [String]
        let value: JSONValue
    }

    /// The members without `hooks`, which have checks of their own.
    private static func leaves(of object: JSONObject, below path: [String]) -> [Leaf] {
        object.members.flatMap { key, value -> [Leaf] in
            if path.isEmpty, key == "hooks" { return [] }
            if let inner = value.object { return leaves(of: inner, below: path + [key]) }
            return [Leaf(path: path + [key], value: value)]
        }
    }

    private static func value(at path: [String], in root: JSONObject?) -> JSONValue? {
        path.reduce(root.map(JSONValue.object)) { value, key in value?[key] }
    }

    private static func fault(_ leaf: Leaf, _ found: [JSONValue]) -> String? {
        guard !found.isEmpty else { return "is missing" }
        switch leaf.path {
        case ["permissions", "deny"]: return denyFault(leaf.value.array ?? [], found)
        case ["requiredMinimumVersion"]:
            let wanted = leaf.value.string.flatMap(HostVersion.init)
            let isEnough = found.allSatisfy { value in
                guard let version = value.string.flatMap(HostVersion.init), let wanted else {
                    return false
                }
                return version >= wanted
            }
            return isEnough ? nil : "must be at least `\(leaf.value.string ?? "")`"
        // Any time is checked against the program itself.
        case ["policyHelper", "timeoutMs"], ["policyHelper", "refreshIntervalMs"]:
            return found.allSatisfy { $0.integer.map { $0 > 0 } ?? false }
                ? nil : "is not a positive integer"
        default:
            guard found.allSatisfy({ $0 == leaf.value }) else {
                let wanted = String(decoding: leaf.value.serialized(), as: UTF8.self)
                return "must be `\(wanted)`"
            }
            return nil
        }
    }

    /// The host ignores the whole list if one element is not text. The rules of all files are in effect.
    private static func denyFault(_ wanted: [JSONValue], _ found: [JSONValue]) -> String? {
        var rules: Set<JSONValue> = []
        for value in found {
            guard let list = value.array, list.allSatisfy({ $0.string != nil }) else {
                return "is not a list of texts, so that the host ignores it"
            }
            rules.formUnion(list)
        }
        guard let missing = wanted.first(where: { !rules.contains($0) })?.string else { return nil }
        return "lacks `\(missing)`"
    }

    private static func weakenings(of root: JSONObject) -> [String] {
        var causes: [String] = []
        if let value = root["disableAllHooks"], value != .bool(false) {
            causes.append("`disableAllHooks` switches off the hooks of this file, too")
        }
        for list in ["allow", "ask"] {
            guard let rules = root["permissions"]?[list] else { continue }
            if !(rules.array?.allSatisfy { $0.string != nil } ?? false) {
                causes.append("`permissions.\(list)` is not a list of texts")
            }
        }
        return causes
    }
}
