/// Where secrets may come from.
package struct SecretSources: Sendable {
    /// `$CREDENTIALS_DIRECTORY` of systemd, absolute; nil where it has set none.
    package var credentials: String?
    /// Of variables of the environment.
    package var environmentPrefix: String
    /// May be missing when no secret is kept in a file.
    package var directory: String
    /// The programs that print one secret each, by its name.
    package var commands: [String: [String]]

    package init(
        credentials: String? = nil, environmentPrefix: String, directory: String,
        commands: [String: [String]] = [:]
    ) {
        self.credentials = credentials
        self.environmentPrefix = environmentPrefix
        self.directory = directory
        self.commands = commands
    }
}

/// Runs a program without a shell and gives what it printed. Bounded in time, and in bytes by the second
/// argument; what it says on stderr is told to nobody.
package typealias SecretCommand =
    @Sendable (_ argv: [String], _ limit: Int) async -> Result<[UInt8], KeyFailure>
