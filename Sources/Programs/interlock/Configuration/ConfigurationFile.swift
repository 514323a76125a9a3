import InterlockModel
import InterlockPolicy

/// Reads and writes `interlock.yaml`.
enum ConfigurationFile {
    static let name = "interlock.yaml"

    /// - Throws: exit 65 with file, line and column of the first error.
    static func read(_ root: YAMLNode, file: String) throws(Failure) -> Configuration {
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
                    throw Failure(
                        .data,
                        "\(file):\(entry.value.line):\(entry.value.column) `\(setting.name)` must be \(error.expected)"
                    )
                }
            }
        }
        try checkChannels(configuration, root, file)
        return configuration
    }

    /// Checks the conditions that involve more than one key.
    private static func checkChannels(
        _ configuration: Configuration, _ root: YAMLNode, _ file: String
    ) throws(Failure) {
        guard let found = configuration.channelProblem else { return }
        let place = try mapping(root, file, "the file").first { $0.key == found.section }
            .map { section throws(Failure) in try mapping(section.value, file, section.key) }?
            .first { $0.key == found.setting }?.value
        throw Failure(
            .data,
            "\(file):\(place?.line ?? 1):\(place?.column ?? 1) `\(found.setting)` \(found.problem)",
            help: found.help)
    }

    /// The file with every key, its value and its meaning.
    static func text(of configuration: Configuration) -> String {
        var text = "# How this Interlock runs. What is allowed stands in the policy folder.\n"
        for section in Configuration.sections {
            text += "\n# \(section.about)\n\(section.name):\n"
            for setting in section.settings {
                let line = "  \(setting.name): \(setting.text(configuration))"
                text += line.padded(to: 48) + " # \(setting.about)\n"
            }
        }
        return text
    }

    /// The content of `docs/configuration.md`.
    static var reference: String {
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
    ) throws(Failure) -> [YAMLEntry] {
        guard case .mapping(let entries) = node.content else {
            throw Failure(
                .data, "\(file):\(node.line):\(node.column) \(what) must hold keys and values")
        }
        return entries
    }

    private static func unknown(
        _ entry: YAMLEntry, _ file: String, _ what: String, _ known: [String]
    ) -> Failure {
        Failure(
            .data, "\(file):\(entry.keyLine):\(entry.keyColumn) `\(entry.key)` is no \(what)",
            help: didYouMean(entry.key, among: known))
    }
}
