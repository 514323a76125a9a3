import InterlockHooks
import InterlockJSON

/// The faults of one hook by which a host ignores it or runs on before it has answered (docs/specs/coding-agents.md,
/// section 5).
enum HookHandlerRules {
    /// The types that a host knows and that do not wait for a program, or open if they fail.
    private static let otherTypes = ["http", "mcp_tool", "prompt", "agent"]
    private static let background = ["async", "asyncRewake"]
    private static let texts = ["type", "command", "exec", "onFailure", "matcher", "statusMessage"]
    private static let flags = ["failClosed", "once"]

    /// - Returns: one sentence each, without a full stop.
    static func faults(of entry: HookTable.Entry, _ facts: HookFacts) -> [String] {
        var faults: [String] = []
        let place = "`hooks.\(entry.event)`"
        if facts.event(named: entry.event) == nil {
            faults.append("\(place): the host has no such event, and ignores its hooks")
        }
        if let matcher = entry.matcher, matcher.string == nil {
            faults.append("\(place): `matcher` is not text")
        }
        if let type = entry.handler["type"], type != "command" {
            let name = type.string ?? ""
            faults.append(
                otherTypes.contains { sameBytes($0, name) }
                    ? "\(place): a hook of type `\(name)` opens if it fails"
                    : "\(place): unknown hook type, so the host ignores all hooks of the file")
        }
        for name in background where entry.handler[name].map({ $0 != .bool(false) }) ?? false {
            faults.append("\(place): `\(name)` lets the call run before the hook has answered")
        }
        for (key, value) in entry.handler.members where !hasKnownType(key, value, facts) {
            faults.append("\(place): `\(key)` has a value of the wrong type")
        }
        return faults
    }

    private static func hasKnownType(_ key: String, _ value: JSONValue, _ facts: HookFacts) -> Bool
    {
        if texts.contains(where: { sameBytes($0, key) }) { return value.string != nil }
        if flags.contains(where: { sameBytes($0, key) }) { return value.bool != nil }
        if sameBytes(key, facts.timing.member) { return value.integer.map { $0 > 0 } ?? false }
        if sameBytes(key, "args") { return value.array?.allSatisfy { $0.string != nil } ?? false }
        return true
    }

    /// Compares a hook of ours with the one that the installer writes.
    ///
    /// - Returns: the first difference that matters, or nil.
    static func difference(
        of entry: HookTable.Entry, from expected: HookTable.Entry, _ facts: HookFacts
    ) -> String? {
        if entry.matcher != expected.matcher { return "its matcher leaves out tools" }
        let member = facts.timing.member
        for (key, value) in expected.handler.members {
            let found = entry.handler[key]
            if found == value { continue }
            guard sameBytes(key, member) else {
                let wanted = String(decoding: value.serialized(), as: UTF8.self)
                return "`\(key)` must be `\(wanted)`"
            }
            guard let number = found?.integer, number > facts.timing.deadlineNumber else {
                return
                    "`\(member)` must be above \(facts.timing.deadlineNumber): else the host gives up before the hook has refused"
            }
        }
        return nil
    }
}

extension HookTiming {
    /// The deadline in the unit of the configuration.
    fileprivate var deadlineNumber: Int64 {
        switch unit {
        case .seconds: deadline.components.seconds
        case .milliseconds: deadline.components.seconds * 1000
        }
    }
}
