/// A source of secrets of the configuration, as a policy names it in `files:npm`. The order is that in which they are
/// searched for a secret that is named without a source.
package enum SecretSource: String, Sendable, Hashable, CaseIterable {
    /// A program of `secrets.commands`, which prints the secret.
    case commands
    /// The credentials directory of systemd.
    case systemd
    /// An environment variable that begins with `secrets.environment_prefix`.
    case env
    /// A file in the folder `secrets.dir`.
    case files
}
