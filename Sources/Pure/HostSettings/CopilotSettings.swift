import InterlockHooks
import InterlockJSON

/// The hooks of Copilot, version 1. Its payload does not name the event, so the arguments do.
enum CopilotSettings {
    static func bytes(_ settings: HostSettings) -> [UInt8] {
        let timing = settings.host.facts.timing
        var hooks: JSONObject = [:]
        for event in settings.host.registeredEvents {
            var entry: JSONObject = [
                "type": "command", "exec": .string(settings.adapter),
                "args": [.string(settings.host.rawValue), "--event", .string(event.name)],
            ]
            entry[timing.member] = .integer(timing.number)
            hooks[event.name] = [.object(entry)]
        }
        return SettingsText.of(["version": 1, "hooks": .object(hooks)])
    }
}
