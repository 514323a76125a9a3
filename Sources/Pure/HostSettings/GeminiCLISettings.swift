import InterlockHooks
import InterlockJSON

/// The `settings.json` of Gemini CLI. Variables of the environment move the managed one, so it holds inside a run alone.
enum GeminiCLISettings {
    static func bytes(_ settings: HostSettings) -> [UInt8] {
        let hooks = GroupedHooks.of(.geminiCLI) { event in
            var handler: JSONObject = ["name": "interlock"]
            for (key, value) in GroupedHooks.handler(settings, of: event).members {
                handler[key] = value
            }
            return handler
        }
        return SettingsText.of(["hooksConfig": ["enabled": true], "hooks": .object(hooks)])
    }
}
