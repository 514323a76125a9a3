import InterlockHooks
import InterlockJSON

/// The hooks of hosts that group handlers by a matcher: `{"PreToolUse": [{"matcher": "*", "hooks": [HANDLER]}]}`, with one
/// entry for each event for which a hook is installed.
enum GroupedHooks {
    static func of(_ host: HookHost, _ handler: (_ event: String) -> JSONObject) -> JSONObject {
        var hooks: JSONObject = [:]
        for event in host.registeredEvents {
            var entry: JSONObject = [:]
            entry["matcher"] = event.matcher.map(JSONValue.string)
            entry["hooks"] = [.object(handler(event.name))]
            hooks[event.name] = [.object(entry)]
        }
        return hooks
    }

    /// The handler that starts the adapter, with the host's unit of time.
    static func handler(_ settings: HostSettings, of event: String) -> JSONObject {
        let timing = settings.host.facts.timing
        var handler: JSONObject = [
            "type": "command", "command": .string(settings.command(for: event)),
        ]
        handler[timing.member] = .integer(timing.number)
        return handler
    }
}
