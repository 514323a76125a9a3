import InterlockModel
package import InterlockPolicy

/// Reads and writes `interlock.yaml`.
package enum ConfigurationFile {
    package static let name = "interlock.yaml"

    /// - Throws: the file, line and column of the first error.
    package static func read(_ root: YAMLNode, file: String) throws(ConfigurationError)
        -> Configuration
    {
        var configuration = Configuration()
        for entry in try mapping(root, file, "the file") {
            guard let section = Configuration.sections.first(where: { $0.name == entry.key }) else {
                throw unknown(entry, file, "section", Configuration.sections.map(\.name))
            }
            for entry in try mapping(entry.value, file, "`\(section.name)`") {
                guard let setting = section.settings.first(where: { $0.name == entry.key }) else {
                    throw unknown(
                        entry, file, "key of `\(section.name)`", section.settings.map(\.name))
                }
                do throws(Setting.ValueError) {
                    try setting.read(entry.value, &configuration)
                } catch {
                    throw ConfigurationError(
                        "\(file):\(entry.value.line):\(entry.value.column) `\(setting.name)` must be \(error.expected)"
                    )
                }
            }
        }
        try checkTogether(configuration, root, file)
        return configuration
    }

    /// Checks the conditions that involve more than one key.
    private static func checkTogether(
        _ configuration: Configuration, _ root: YAMLNode, _ file: String
    ) throws(ConfigurationError) {
        guard let found = configuration.channelProblem ?? configuration.clusterProblem else {
            return
        }
        let place = try mapping(root, file, "the file").first { $0.key == found.section }
            .map { section throws(ConfigurationError) in
                try mapping(section.value, file, section.key)
            }?
            .first { $0.key == found.setting }?.value
        throw ConfigurationError(
            "\(file):\(place?.line ?? 1):\(place?.column ?? 1) `\(found.setting)` \(found.problem)",
            help: found.help)
    }

    /// The file with every key, its value and its meaning.
    package static func text(of configuration: Configuration) -> String {
        var text = "# How this Interlock runs. What is allowed is defined in the policy folder.\n"
        for section in Configuration.sections {
            text += "\n# \(section.about)\n\(section.name):\n"
            for setting in section.settings {
                let line = "  \(setting.name): \(setting.text(configuration))"
                text +=
                    line + String(repeating: " ", count: max(0, 48 - line.count))
                    + " # \(setting.about)\n"
            }
        }
        return text
    }

    /// The content of `docs/configuration.md`.
    package static var reference: String {
        var text = """
            # interlock.yaml

            Made by `interlock config reference`; a test compares it. Unknown keys are refused.

            """
        for section in Configuration.sections {
            text +=
                "\n## \(section.name)\n\n\(section.about)\n\n| key | form | default | meaning |\n|---|---|---|---|\n"
            for setting in section.settings {
                text +=
                    "| `\(setting.name)` | \(setting.form) | `\(setting.text(Configuration()))` | \(setting.about) |\n"
            }
        }
        return text
    }

    private static func mapping(
        _ node: YAMLNode, _ file: String, _ what: String
    ) throws(ConfigurationError) -> [YAMLEntry] {
        guard case .mapping(let entries) = node.content else {
            throw ConfigurationError(
                "\(file):\(node.line):\(node.column) \(what) must hold keys and values")
        }
        return entries
    }

    private static func unknown(
        _ entry: YAMLEntry, _ file: String, _ what: String, _ known: [String]
    ) -> ConfigurationError {
        ConfigurationError(
            "\(file):\(entry.keyLine):\(entry.keyColumn) `\(entry.key)` is no \(what)",
            help: didYouMean(entry.key, among: known))
    }
}

/// The first error of a configuration, with its file, line and column.
package struct ConfigurationError: Error {
    package let message: String
    package let help: String?

    init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }
}
