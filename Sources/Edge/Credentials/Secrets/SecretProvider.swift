import Glibc
package import InterlockModel

/// Finds a secret by its name. The first source that has it decides, in this order: its command, the credentials
/// directory of systemd, the environment, the folder. If that source cannot deliver it, this is an error and the next
/// source is not tried. No value is kept, and no message contains one.
///
/// INVARIANT: a call whose credential cannot be had is not sent, and nothing shows a secret. Kept by
/// `SecretProviderTests`, `CommandOutputTests`, `test_secret_sources.py`.
package struct SecretProvider: Sendable {
    /// The maximum size of a secret in bytes.
    package static let largest = 16 * 1024
    private let sources: SecretSources
    private let command: SecretCommand

    /// - Parameter command: called only if `sources` names commands.
    package init(
        _ sources: SecretSources,
        command: @escaping SecretCommand = { _, _ in
            .failure(KeyFailure(.io, "no command can be run here"))
        }
    ) {
        self.sources = sources
        self.command = command
    }

    /// A secret that becomes a header, a password or a variable: one line of printable text, without its line break.
    ///
    /// - Parameter source: the only source that is asked, or nil for the first that has it.
    /// - Throws: `missing`, `exposed` (folder or file open to others), `malformed` (empty, too large, not
    ///   one line), `late`, `io`; each names the secret and its source.
    package func secret(
        named name: String, in source: SecretSource? = nil
    ) async throws(KeyFailure) -> String {
        try Self.line(of: try await material(named: name, in: source), name)
    }

    /// Does the same from the folder only, without waiting.
    package func file(named name: String) throws(KeyFailure) -> String {
        try Self.check(name)
        guard let bytes = try found(name, .files, in: sources.directory, .secret) else {
            throw missing(name, .files)
        }
        return try Self.line(of: bytes, name)
    }

    /// Reads a secret as one line of printable text, without its line break.
    ///
    /// - Parameter name: the name of the secret, for messages.
    package static func line(of bytes: [UInt8], _ name: String) throws(KeyFailure) -> String {
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw KeyFailure(.malformed, "secret `\(name)` is not UTF-8")
        }
        if text.hasSuffix("\n") { text.removeLast() }
        // A line break in a header would begin another header.
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw KeyFailure(.malformed, "secret `\(name)` must be one line of printable text")
        }
        return text
    }

    /// A secret in any form, such as a private key in PEM: 1 to 16,384 bytes.
    ///
    /// - Parameter source: the only source that is asked, or nil for the first that has it.
    package func material(
        named name: String, in source: SecretSource? = nil
    ) async throws(KeyFailure) -> [UInt8] {
        try Self.check(name)
        for one in source.map({ [$0] }) ?? SecretSource.allCases {
            if let bytes = try await value(name, one) { return bytes }
        }
        throw missing(name, source)
    }

    /// - Returns: nil if the source does not have it.
    private func value(
        _ name: String, _ source: SecretSource
    ) async throws(KeyFailure) -> [UInt8]? {
        switch source {
        case .commands:
            guard let argv = sources.commands[name] else { return nil }
            return try checked(await command(argv, Self.largest), name, source)
        case .systemd:
            guard let folder = sources.credentials else { return nil }
            return try found(name, source, in: folder, .credential)
        case .env:
            guard let value = unsafe getenv(environmentName(name)) else { return nil }
            return try checked(
                .success(Array(unsafe String(cString: value).utf8)), name, source)
        case .files: return try found(name, source, in: sources.directory, .secret)
        }
    }

    private func missing(_ name: String, _ source: SecretSource?) -> KeyFailure {
        let variable = environmentName(name)
        let (reason, help) =
            switch source {
            case nil:
                (
                    "secret `\(name)` is in none of the sources of `secrets`",
                    "put it into \(sources.directory)/\(name) with mode 0600, or into \(variable)"
                )
            case .files:
                (
                    "there is no secret `\(name)` in `\(sources.directory)`",
                    "put it there with mode 0600"
                )
            case .env: ("secret `\(name)` is not in the environment", "set \(variable)")
            case .systemd:
                (
                    "secret `\(name)` is not in systemd's credentials directory",
                    "state `LoadCredential=\(name):PATH` for the unit that starts this program"
                )
            case .commands:
                (
                    "no program prints the secret `\(name)`",
                    "name one in `secrets.commands` of interlock.yaml"
                )
            }
        return KeyFailure(.missing, reason, help: help)
    }

    private static func check(_ name: String) throws(KeyFailure) {
        guard isName(name) else {
            throw KeyFailure(.malformed, "`\(name)` is no name of a secret")
        }
    }

    /// - Returns: nil if the folder or the file does not exist.
    private func found(
        _ name: String, _ source: SecretSource, in folder: String, _ rules: GuardedFile.Rules
    ) throws(KeyFailure) -> [UInt8]? {
        let bytes: [UInt8]?
        do throws(KeyFailure) {
            bytes = try GuardedFile.ifPresent(try read(name, in: folder, rules))
        } catch {
            throw told(error, name, source)
        }
        guard let bytes else { return nil }
        return try checked(.success(bytes), name, source)
    }

    private func read(
        _ name: String, in folder: String, _ rules: GuardedFile.Rules
    ) throws(KeyFailure) -> [UInt8] {
        guard folder.hasPrefix("/") else {
            throw KeyFailure(.malformed, "its folder is not an absolute path")
        }
        try GuardedFile.checkFolder(folder, forbidden: rules.forbiddenOfFolder)
        return try GuardedFile.read(folder + "/" + name, limit: Self.largest, rules: rules)
    }

    private func checked(
        _ found: Result<[UInt8], KeyFailure>, _ name: String, _ source: SecretSource
    ) throws(KeyFailure) -> [UInt8] {
        switch found {
        case .failure(let error): throw told(error, name, source)
        case .success(let bytes):
            guard (1...Self.largest).contains(bytes.count) else {
                throw told(
                    KeyFailure(.malformed, bytes.isEmpty ? "it is empty" : "it is too large"),
                    name, source)
            }
            return bytes
        }
    }

    /// Adds the name and the source to an error; no value can be in it.
    private func told(
        _ error: KeyFailure, _ name: String, _ source: SecretSource
    ) -> KeyFailure {
        let place =
            switch source {
            case .commands: "secrets.commands"
            case .systemd: "$CREDENTIALS_DIRECTORY"
            case .env: "environment"
            case .files: "secrets.dir"
            }
        return KeyFailure(
            error.code, "secret `\(name)` of \(place): \(error.reason)", help: error.help)
    }

    private func environmentName(_ name: String) -> String {
        sources.environmentPrefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// Returns true for 1 to 128 ASCII letters, digits, `-` and `_`.
    package static func isName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-_".utf8.contains($0) }
    }
}
