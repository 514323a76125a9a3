import InterlockHooks
import InterlockJSON

/// The `hooks.json` of Cursor, version 1. `failClosed` refuses what the adapter did not answer.
enum CursorSettings {
    static func bytes(_ settings: HostSettings) -> [UInt8] {
        let timing = settings.host.facts.timing
        var hooks: JSONObject = [:]
        for event in settings.host.registeredEvents {
            var entry: JSONObject = ["command": .string(settings.command(for: event.name))]
            entry[timing.member] = .integer(timing.number)
            entry["failClosed"] = true
            hooks[event.name] = [.object(entry)]
        }
        return SettingsText.of(["version": 1, "hooks": .object(hooks)])
    }
}
