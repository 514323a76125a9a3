import InterlockHooks
import InterlockJSON

/// The settings of Codex CLI: `requirements.toml`, or `hooks.json`, which the user must trust before it runs.
struct CodexSettings {
    private let settings: HostSettings

    init(_ settings: HostSettings) {
        self.settings = settings
    }

    var bytes: [UInt8] {
        settings.scope == .managed
            ? Array(requirements.utf8)
            : SettingsText.of([
                "hooks": .object(GroupedHooks.of(.codex) { GroupedHooks.handler(settings, of: $0) })
            ])
    }

    /// `allow_managed_hooks_only` has an effect in this file alone.
    private var requirements: String {
        let folder = settings.adapter.split(separator: "/").dropLast().joined(separator: "/")
        let timing = settings.host.facts.timing
        var text = """
            allow_managed_hooks_only = true

            [features]
            hooks = true

            [hooks]
            managed_dir = "/\(folder)"

            """
        for event in settings.host.registeredEvents {
            text += "\n[[hooks.\(event.name)]]\n"
            if let matcher = event.matcher { text += "matcher = \"\(matcher)\"\n" }
            text += """

                [[hooks.\(event.name).hooks]]
                type = "command"
                command = "\(settings.command(for: event.name))"
                \(timing.member) = \(timing.number)

                """
        }
        return text
    }
}
