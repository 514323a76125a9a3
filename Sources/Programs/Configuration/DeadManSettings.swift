import InterlockPolicy

/// The settings of `alerts.deadman`.
package struct DeadManSettings: Sendable, Equatable {
    package let url: String
    package var every: Duration = .seconds(60)

    private static let bounds = 5...60

    /// Returns nil for `{}`.
    fileprivate static func read(_ node: YAMLNode) throws(Setting.ValueError) -> DeadManSettings? {
        let fields = try Fields(
            node, of: "channels", ["url", "every"], expected: "channels of `{url, every}`")
        guard !fields.isEmpty else { return nil }
        var settings = DeadManSettings(url: try fields.url("url", of: "deadman"))
        guard let every = fields["every"] else { return settings }
        guard let seconds = every.scalarText.flatMap(secondsOf), bounds.contains(seconds) else {
            throw Setting.ValueError(
                expected:
                    "an `every` from \(bounds.lowerBound)s to \(bounds.upperBound)s: a receiver waits for 3 min"
            )
        }
        settings.every = .seconds(seconds)
        return settings
    }
}

extension Setting {
    /// `{url: "https://watch.example/interlock", every: 60s}`
    static func deadMan(
        _ name: String, _ path: Path<DeadManSettings?>, _ about: String
    ) -> Setting {
        Setting(
            name, path, about, form: "`{url, every}`",
            text: { settings in
                guard let settings else { return "{}" }
                return "{url: \"\(settings.url)\", every: \(settings.every.components.seconds)s}"
            }, read: DeadManSettings.read)
    }
}
