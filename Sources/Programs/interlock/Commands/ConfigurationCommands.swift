import InterlockConfiguration

extension Command {
    static let configReference = Command(
        path: ["config", "reference"], summary: "print the reference of interlock.yaml"
    ) { _ in
        Output.text(ConfigurationFile.reference)
        return .ok
    }
}
