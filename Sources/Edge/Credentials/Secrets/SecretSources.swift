/// The places that secrets may come from.
package struct SecretSources: Sendable {
    /// `$CREDENTIALS_DIRECTORY` of systemd, absolute. Is nil if it is not set.
    package var credentials: String?
    /// The prefix of environment variables.
    package var environmentPrefix: String
    /// The folder of secret files. May be missing if no secret is in a file.
    package var directory: String
    /// The command lines that print one secret each, by its name.
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

/// Runs a program without a shell and returns its output, bounded in time, and in bytes by the second argument. Its
/// stderr is discarded.
package typealias SecretCommand =
    @Sendable (_ argv: [String], _ limit: Int) async -> Result<[UInt8], KeyFailure>
