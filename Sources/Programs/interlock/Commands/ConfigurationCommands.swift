import InterlockConfiguration

extension Command {
    static let configReference = Command(
        "config reference", "print the reference of interlock.yaml"
    ) { _ in
        Output.text(ConfigurationFile.reference)
        return .ok
    }
}
